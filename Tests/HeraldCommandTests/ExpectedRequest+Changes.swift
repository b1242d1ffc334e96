extension ExpectedRequest {
    /// What changes messages, accounts and organizations.
    static let changes: [ExpectedRequest] = [
        .init(arguments: "messages cancel m/1", line: "POST /api/v1/messages/m%2F1/cancel", body: "{}"),
        .init(arguments: "messages retry m1", line: "POST /api/v1/messages/m1/retry", body: "{}"),
        .init(
            arguments: "messages send-now m1 --org o1",
            line: "POST /api/v1/messages/m1/send-now",
            body: "{}",
            key: "operator-key",
            org: "o1"
        ),
        .init(arguments: "messages delete m1", line: "DELETE /api/v1/messages/m1"),
        .init(
            arguments: "messages retry m1 m2",
            line: "POST /api/v1/messages/bulk",
            body: #"{"action":"retry","ids":["m1","m2"]}"#
        ),
        .init(
            arguments: "messages send-now --status scheduled --no-wait",
            line: "POST /api/v1/messages/bulk",
            body: #"{"action":"send-now","filter":{"status":"scheduled"}}"#
        ),
        .init(
            arguments: "messages cancel --reference a,b --channel sms,email --no-wait",
            line: "POST /api/v1/messages/bulk",
            body: #"{"action":"cancel","filter":{"channel":["sms","email"],"reference":"a,b"}}"#
        ),
        .init(
            arguments: "messages delete --status cancelled,expired --status failed --channel sms --account a "
                + "--customer c --conversation v --reference r --created-after t1 --created-before t2 --error-code e "
                + "--yes --no-wait",
            line: "POST /api/v1/messages/bulk",
            body: #"{"action":"delete","filter":{"status":["cancelled","expired","failed"],"channel":"sms","#
                + #""account_id":"a","created_after":"t1","created_before":"t2","customer_id":"c","#
                + #""conversation_id":"v","reference":"r","error_code":"e"}}"#
        ),
        .init(
            arguments: "messages edit m1 --to +1 --body -5° --subject S --html <p> --schedule-at t1 --expires-at t2 "
                + "--reference r --category otp --retry-preset outbox --max-retries 2 --on-uncertain hold",
            line: "PATCH /api/v1/messages/m1",
            body: #"{"to":"+1","body":"-5°","subject":"S","html":"<p>","category":"otp","reference":"r","#
                + #""scheduled_at":"t1","expires_at":"t2","retry":{"preset":"outbox","max_retries":2},"#
                + #""on_uncertain":"hold"}"#
        ),
        .init(
            arguments: "messages edit m1 --schedule-at now --expires-at never --retry-delays 10s,1m",
            line: "PATCH /api/v1/messages/m1",
            body: #"{"scheduled_at":null,"expires_at":null,"retry":{"delays":["10s","1m"]}}"#
        ),
        .init(
            arguments: "messages resolve m1 --as resend",
            line: "POST /api/v1/messages/m1/resolve",
            body: #"{"outcome":"resend"}"#
        ),
        .init(
            arguments: "accounts edit a1 --name n --credential from=+1 --setting rate_per_second=2.5 "
                + #"--setting burst= --setting footer=null --setting x="" --setting retry={"delays":["1m"]} --default"#,
            line: "PATCH /api/v1/channel-accounts/a1",
            body: #"{"name":"n","credentials":{"from":"+1"},"settings":{"rate_per_second":2.5,"burst":null,"#
                + #""footer":null,"x":"","retry":{"delays":["1m"]}},"is_default":true}"#
        ),
        .init(
            arguments: "accounts park a/1 --reason moving",
            line: "POST /api/v1/channel-accounts/a%2F1/park",
            body: #"{"reason":"moving"}"#
        ),
        .init(arguments: "accounts park a1", line: "POST /api/v1/channel-accounts/a1/park", body: "{}"),
        .init(arguments: "accounts delete a/1 --yes", line: "DELETE /api/v1/channel-accounts/a%2F1"),
        .init(arguments: "accounts resume a1", line: "POST /api/v1/channel-accounts/a1/resume", body: "{}"),
        .init(
            arguments: "conversations assign c/1 --to Ann",
            line: "POST /api/v1/conversations/c%2F1/assign",
            body: #"{"assignee":"Ann"}"#
        ),
        .init(
            arguments: "conversations assign c1 --nobody",
            line: "POST /api/v1/conversations/c1/assign",
            body: #"{"assignee":null}"#
        ),
        .init(
            arguments: "conversations close c1 --org o1",
            line: "POST /api/v1/conversations/c1/close",
            body: "{}",
            key: "operator-key",
            org: "o1"
        ),
        .init(arguments: "conversations reopen c1", line: "POST /api/v1/conversations/c1/reopen", body: "{}"),
        .init(arguments: "conversations read c1", line: "POST /api/v1/conversations/c1/read", body: "{}"),
        .init(arguments: "orgs show", line: "GET /api/v1/org"),
        .init(arguments: "orgs show o/1", line: "GET /api/v1/orgs/o%2F1", key: "operator-key"),
        .init(
            arguments: "orgs edit --name New --setting retention_days=90 --setting tier= --setting note=007",
            line: "PATCH /api/v1/org",
            body: #"{"name":"New","settings":{"retention_days":90,"tier":null,"note":"007"}}"#
        ),
        .init(
            arguments: #"orgs edit o1 --suspend --sms-verified --setting retry={"preset":"outbox"}"#,
            line: "PATCH /api/v1/orgs/o1",
            body: #"{"suspended":true,"sms_verified":true,"settings":{"retry":{"preset":"outbox"}}}"#,
            key: "operator-key"
        ),
        .init(
            arguments: "orgs edit o1 --unsuspend --no-sms-verified",
            line: "PATCH /api/v1/orgs/o1",
            body: #"{"suspended":false,"sms_verified":false}"#,
            key: "operator-key"
        ),
    ]
}
