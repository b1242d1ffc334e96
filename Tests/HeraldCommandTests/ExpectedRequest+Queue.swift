extension ExpectedRequest {
    /// What works on the queue, and on what has failed or waits for its time.
    static let queue: [ExpectedRequest] = [
        .init(
            arguments: "failed list --channel sms,email --account a --error-code 30007 --created-after t1 "
                + "--created-before t2 --limit 10 --cursor c",
            line: "GET /api/v1/failed?channel=sms%2Cemail&account_id=a&created_after=t1&created_before=t2"
                + "&error_code=30007&limit=10&cursor=c"
        ),
        .init(arguments: "failed retry m1", line: "POST /api/v1/messages/m1/retry", body: "{}"),
        .init(
            arguments: "failed retry m1 m2",
            line: "POST /api/v1/messages/bulk",
            body: #"{"action":"retry","ids":["m1","m2"]}"#
        ),
        .init(
            arguments: "failed retry --all --no-wait",
            line: "POST /api/v1/messages/bulk",
            body: #"{"action":"retry","filter":{"status":"failed"}}"#
        ),
        .init(
            arguments: "failed retry --channel sms --error-code e --no-wait --org o1",
            line: "POST /api/v1/messages/bulk",
            body: #"{"action":"retry","filter":{"status":"failed","channel":"sms","error_code":"e"}}"#,
            key: "operator-key",
            org: "o1"
        ),
        .init(
            arguments: "failed flush --yes --no-wait",
            line: "POST /api/v1/failed/flush",
            body: #"{"confirm":true}"#
        ),
        .init(
            arguments: "failed flush --yes --no-wait --account a --created-before t",
            line: "POST /api/v1/failed/flush",
            body: #"{"confirm":true,"filter":{"account_id":"a","created_before":"t"}}"#
        ),
        .init(
            arguments: "scheduled list --channel sms --reference r",
            line: "GET /api/v1/messages?status=scheduled&channel=sms&reference=r&limit=50"
        ),
        .init(
            arguments: "scheduled run --customer c",
            line: "GET /api/v1/messages?status=scheduled&customer_id=c&limit=200"
        ),
        .init(
            arguments: "scheduled run --now --yes --no-wait --conversation v",
            line: "POST /api/v1/messages/bulk",
            body: #"{"action":"send-now","filter":{"status":"scheduled","conversation_id":"v"}}"#
        ),
        .init(arguments: "jobs list --limit 3", line: "GET /api/v1/jobs?limit=3"),
        .init(arguments: "jobs show j/1", line: "GET /api/v1/jobs/j%2F1"),
        .init(arguments: "queue status", line: "GET /api/v1/queue"),
        .init(arguments: "queue status --org o1", line: "GET /api/v1/queue", key: "operator-key", org: "o1"),
        .init(arguments: "queue status --platform", line: "GET /api/v1/queue", key: "operator-key"),
        .init(arguments: "queue monitor --count 1 --platform", line: "GET /api/v1/queue", key: "operator-key"),
        .init(arguments: "queue pause", line: "POST /api/v1/queue/pause", body: "{}"),
        .init(arguments: "queue pause --all", line: "POST /api/v1/queue/pause", body: "{}", key: "operator-key"),
        .init(
            arguments: "queue pause --account a/1 --reason moving",
            line: "POST /api/v1/channel-accounts/a%2F1/park",
            body: #"{"reason":"moving"}"#
        ),
        .init(arguments: "queue continue", line: "POST /api/v1/queue/continue", body: "{}"),
        .init(
            arguments: "queue continue --org o1",
            line: "POST /api/v1/queue/continue",
            body: "{}",
            key: "operator-key",
            org: "o1"
        ),
        .init(arguments: "queue continue --all", line: "POST /api/v1/queue/continue", body: "{}", key: "operator-key"),
        .init(
            arguments: "queue continue --account a1",
            line: "POST /api/v1/channel-accounts/a1/resume",
            body: "{}"
        ),
        .init(arguments: "queue restart", line: "POST /api/v1/queue/restart", body: "{}", key: "operator-key"),
        .init(arguments: "clock show", line: "GET /api/v1/clock"),
        .init(
            arguments: "clock advance --by 7h21m",
            line: "POST /api/v1/clock/advance",
            body: #"{"by":"7h21m"}"#
        ),
        .init(
            arguments: "clock advance --to 2026-12-01T09:00:00+01:00",
            line: "POST /api/v1/clock/advance",
            body: #"{"to":"2026-12-01T09:00:00+01:00"}"#
        ),
    ]
}
