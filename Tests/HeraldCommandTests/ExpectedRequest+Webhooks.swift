extension ExpectedRequest {
    /// What asks about the inbox and the trail.
    static let webhooks: [ExpectedRequest] = [
        .init(
            arguments:
                "webhooks list --state failed --kind message --account a1 --received-after t1 --received-before t2",
            line: "GET /api/v1/webhook-events?state=failed&kind=message&account_id=a1&received_after=t1"
                + "&received_before=t2&limit=50"
        ),
        .init(
            arguments: "audit list --entity e1 --action UPDATED,DELETED --actor operator",
            line: "GET /api/v1/audit-events?entity_id=e1&action=UPDATED%2CDELETED&actor=operator&limit=50"
        ),
        .init(arguments: "webhooks show e/1", line: "GET /api/v1/webhook-events/e%2F1"),
        .init(arguments: "webhooks replay e1", line: "POST /api/v1/webhook-events/e1/replay", body: "{}"),
        .init(
            arguments: "webhooks backfill a1 --since t1",
            line: "POST /api/v1/channel-accounts/a1/backfill",
            body: #"{"since":"t1"}"#
        ),
    ]
}
