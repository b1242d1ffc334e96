extension ExpectedRequest {
    /// What makes, follows and changes broadcasts.
    static let broadcasts: [ExpectedRequest] = [
        .init(
            arguments: "broadcasts create --name spring --channel sms --body -5% --to +1 --to +2 --customer-id c1 "
                + "--group-id g1 --field tier=gold=1 --at t1 --category marketing --batch-size 5 --batch-interval 60",
            line: "POST /api/v1/broadcasts",
            body: #"{"name":"spring","channel":"sms","body":"-5%","category":"marketing","scheduled_at":"t1","#
                + #""batch_size":5,"batch_interval_seconds":60,"recipients":[{"to":"+1"},{"to":"+2"},{"customer_id":"c1"}],"#
                + #""group_ids":["g1"],"filter":{"fields":{"tier":"gold=1"}}}"#
        ),
        .init(
            arguments: "broadcasts create --name n --channel email --template sale --language de --parameter a=b "
                + "--from-name Shop --reply-to a@b.c --group-id g1 --dry-run --org o1",
            line: "POST /api/v1/broadcasts?dry_run=true",
            body: #"{"name":"n","channel":"email","from_name":"Shop","reply_to":"a@b.c","#
                + #""template":{"code":"sale","language":"de","parameters":{"a":"b"}},"group_ids":["g1"]}"#,
            key: "operator-key",
            org: "o1"
        ),
        .init(arguments: "broadcasts list", line: "GET /api/v1/broadcasts?limit=50"),
        .init(
            arguments: "broadcasts list --status running,paused --limit 3",
            line: "GET /api/v1/broadcasts?status=running%2Cpaused&limit=3"
        ),
        .init(arguments: "broadcasts show b/1", line: "GET /api/v1/broadcasts/b%2F1"),
        .init(arguments: "broadcasts pause b1", line: "POST /api/v1/broadcasts/b1/pause", body: "{}"),
        .init(arguments: "broadcasts resume b1", line: "POST /api/v1/broadcasts/b1/resume", body: "{}"),
        .init(
            arguments: "broadcasts cancel b1 --org o1",
            line: "POST /api/v1/broadcasts/b1/cancel",
            body: "{}",
            key: "operator-key",
            org: "o1"
        ),
        .init(
            arguments: "broadcasts recipients b1 --state refused",
            line: "GET /api/v1/broadcasts/b1/recipients?state=refused&limit=50"
        ),
    ]
}
