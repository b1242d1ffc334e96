extension ExpectedRequest {
    /// What makes, changes and shows templates.
    static let templates: [ExpectedRequest] = [
        .init(
            arguments: "templates create --code hi --channel email --language de --subject Hi --body {{x}} "
                + "--variable x --variable y=a=b --variable z=",
            line: "POST /api/v1/templates",
            body: #"{"code":"hi","channel":"email","language":"de","subject":"Hi","body":"{{x}}","#
                + #""variables":{"x":{"default":null},"y":{"default":"a=b"},"z":{"default":""}}}"#
        ),
        .init(
            arguments: "templates create --code hi --channel sms --body -5 --org o1",
            line: "POST /api/v1/templates",
            body: #"{"code":"hi","channel":"sms","body":"-5"}"#,
            key: "operator-key",
            org: "o1"
        ),
        .init(arguments: "templates list", line: "GET /api/v1/templates?limit=50"),
        .init(
            arguments: "templates list --code hi --channel sms,email --language pt-BR --limit 3",
            line: "GET /api/v1/templates?code=hi&channel=sms%2Cemail&language=pt-BR&limit=3"
        ),
        .init(arguments: "templates show t/1", line: "GET /api/v1/templates/t%2F1"),
        .init(arguments: "templates show t1 --version 2", line: "GET /api/v1/templates/t1?version=2"),
        .init(arguments: "templates show t1 --versions", line: "GET /api/v1/templates/t1/versions"),
        .init(
            arguments: "templates update t1 --body B --variable x --remove html --remove subject",
            line: "PATCH /api/v1/templates/t1",
            body: #"{"body":"B","variables":{"x":{"default":null}},"html":null,"subject":null}"#
        ),
        .init(arguments: "templates delete t/1 --yes", line: "DELETE /api/v1/templates/t%2F1"),
        .init(
            arguments: "templates preview t1 --parameter order=1=2 --customer c1 --version 2",
            line: "POST /api/v1/templates/t1/preview",
            body: #"{"parameters":{"order":"1=2"},"customer_id":"c1","version":2}"#
        ),
        .init(arguments: "templates preview t1", line: "POST /api/v1/templates/t1/preview", body: "{}"),
    ]
}
