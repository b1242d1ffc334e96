extension ExpectedRequest {
    /// What makes and shows customers.
    static let customers: [ExpectedRequest] = [
        .init(
            arguments: "customers create --name Ann --first-name A --phone +1 --phone +2 --email a@b.c --whatsapp US.1 "
                + "--external-id 7 --timezone Europe/Berlin --language de --field tier=gold --field age=41 --group vip "
                + "--group b --guest",
            line: "POST /api/v1/customers",
            body: #"{"name":"Ann","first_name":"A","identities":[{"kind":"phone","value":"+1"},"#
                + #"{"kind":"phone","value":"+2"},{"kind":"email","value":"a@b.c"},"#
                + #"{"kind":"whatsapp","value":"US.1"},{"kind":"external","value":"7"}],"#
                + #""timezone":"Europe/Berlin","language":"de","fields":{"tier":"gold","age":41},"#
                + #""groups":["vip","b"],"guest":true}"#
        ),
        .init(
            arguments: "customers create --email a@b.c --org o1",
            line: "POST /api/v1/customers",
            body: #"{"identities":[{"kind":"email","value":"a@b.c"}]}"#,
            key: "operator-key",
            org: "o1"
        ),
        .init(arguments: "customers list", line: "GET /api/v1/customers?limit=50"),
        .init(
            arguments:
                "customers list ann --email a@b.c --external-id 7 --field a=b=c --group vip --no-guests --limit 3",
            line: "GET /api/v1/customers?q=ann&email=a%40b.c&external_id=7&group=vip&guest=false&field.a=b%3Dc&limit=3"
        ),
        .init(arguments: "customers show c/1", line: "GET /api/v1/customers/c%2F1"),
        .init(arguments: "customers sends c/1", line: "GET /api/v1/customers/c%2F1/sends"),
        .init(
            arguments: "customers sends --to +15551234567 --channel sms",
            line: "GET /api/v1/sends?channel=sms&address=%2B15551234567"
        ),
        .init(arguments: "customers delete c/1 --yes", line: "DELETE /api/v1/customers/c%2F1"),
        .init(arguments: "customers erasures --status done", line: "GET /api/v1/erasures?status=done&limit=50"),
        .init(arguments: "customers consent c/1", line: "GET /api/v1/customers/c%2F1/consents"),
        .init(arguments: "customers consent c1 --history", line: "GET /api/v1/customers/c1/consents/history"),
        .init(
            arguments:
                "customers consent c1 --status opted_out --channel sms --purpose marketing --source tel --proof x",
            line: "PUT /api/v1/customers/c1/consents",
            body: #"{"channel":"sms","purpose":"marketing","status":"opted_out","source":"tel","proof":"x"}"#
        ),
    ]
}
