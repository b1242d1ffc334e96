/// What a command line becomes on the wire.
struct ExpectedRequest: Sendable {
    let arguments: String
    let line: String
    var body = ""
    var key = "hk_live_tenant"
    var org: String?

    /// What makes things, and shows them.
    static let ordinary: [ExpectedRequest] = [
        .init(
            arguments: "orgs create Acme --slug acme",
            line: "POST /api/v1/orgs",
            body: #"{"name":"Acme","slug":"acme"}"#,
            key: "operator-key"
        ),
        .init(arguments: "orgs list", line: "GET /api/v1/orgs?limit=50", key: "operator-key"),
        .init(
            arguments: "keys create --name server --scope messages:write --scope * --mode test",
            line: "POST /api/v1/keys",
            body: #"{"name":"server","mode":"test","scopes":["messages:write","*"]}"#
        ),
        .init(
            arguments: "keys create --org o1 --name server",
            line: "POST /api/v1/orgs/o1/keys",
            body: #"{"name":"server"}"#,
            key: "operator-key"
        ),
        .init(arguments: "keys list", line: "GET /api/v1/keys?limit=50"),
        .init(arguments: "keys list --org o1", line: "GET /api/v1/orgs/o1/keys?limit=50", key: "operator-key"),
        .init(
            arguments: "keys create --name reports --per-second 20 --burst 40",
            line: "POST /api/v1/keys",
            body: #"{"name":"reports","rate_limit":{"per_second":20,"burst":40}}"#
        ),
        .init(arguments: "keys rotate k/1", line: "POST /api/v1/keys/k%2F1/rotate", body: "{}"),
        .init(
            arguments: "keys rotate k1 --overlap 3600 --org o1",
            line: "POST /api/v1/keys/k1/rotate",
            body: #"{"overlap_seconds":3600}"#,
            key: "operator-key",
            org: "o1"
        ),
        .init(
            arguments: "keys edit k1 --name batch --per-second 5",
            line: "PATCH /api/v1/keys/k1",
            body: #"{"name":"batch","rate_limit":{"per_second":5}}"#
        ),
        .init(
            arguments: "keys edit k1 --no-limit",
            line: "PATCH /api/v1/keys/k1",
            body: #"{"rate_limit":null}"#
        ),
        .init(
            arguments: "orgs edit o1 --per-second 500 --burst 1000",
            line: "PATCH /api/v1/orgs/o1",
            body: #"{"rate_limit":{"per_second":500,"burst":1000}}"#,
            key: "operator-key"
        ),
        .init(arguments: "keys revoke k/1", line: "DELETE /api/v1/keys/k%2F1"),
        .init(arguments: "keys revoke k1 --org o1", line: "DELETE /api/v1/keys/k1", key: "operator-key", org: "o1"),
        .init(
            arguments: "accounts create --channel email --provider smtp --name mail --credential host=a=b --setting "
                + #"rate_per_second=2.5 --setting footer="1" --setting x=word --setting y=true --default"#,
            line: "POST /api/v1/channel-accounts",
            body: #"{"channel":"email","provider":"smtp","name":"mail","credentials":{"host":"a=b"},"#
                + #""settings":{"rate_per_second":2.5,"footer":"1","x":"word","y":true},"is_default":true}"#
        ),
        .init(
            arguments: "accounts list --limit 3 --cursor c&d",
            line: "GET /api/v1/channel-accounts?limit=3&cursor=c%26d"
        ),
        .init(arguments: "accounts show a1", line: "GET /api/v1/channel-accounts/a1"),
        .init(
            arguments: "messages list --status failed,skipped --status sent --channel sms --account a --customer c "
                + "--conversation v --reference r --direction outbound --created-after 2026-11-21T10:00:00+01:00 "
                + "--created-before t --all",
            line: "GET /api/v1/messages?status=failed%2Cskipped%2Csent&channel=sms&account_id=a"
                + "&created_after=2026-11-21T10%3A00%3A00%2B01%3A00&created_before=t&customer_id=c&conversation_id=v"
                + "&reference=r&direction=outbound&limit=200"
        ),
        .init(arguments: "conversations list --limit 3", line: "GET /api/v1/conversations?limit=3"),
        .init(
            arguments: "conversations list --status open --assignee Ann --unread --customer c --account a "
                + "--channel sms,whatsapp",
            line: "GET /api/v1/conversations?status=open&assignee=Ann&unread=true&customer_id=c&account_id=a"
                + "&channel=sms%2Cwhatsapp&limit=50"
        ),
        .init(
            arguments: "conversations list --unassigned",
            line: "GET /api/v1/conversations?unassigned=true&limit=50"
        ),
        .init(arguments: "conversations show c1", line: "GET /api/v1/conversations/c1"),
        .init(
            arguments: "conversations show c1 --activities",
            line: "GET /api/v1/conversations/c1/activities?limit=50"
        ),
        .init(arguments: "messages show m1", line: "GET /api/v1/messages/m1"),
        .init(arguments: "messages show m1 --timeline", line: "GET /api/v1/messages/m1/timeline"),
        .init(
            arguments: "send --to +15550000001 --channel sandbox --body Hello",
            line: "POST /api/v1/messages",
            body: #"{"to":"+15550000001","channel":"sandbox","body":"Hello"}"#
        ),
        .init(
            arguments:
                "send --to a@b.c --channel email --body B --subject S --html <p> --account a --category otp --at t1 "
                + "--expires t2 --reference r --retry-preset outbox --max-retries 2 --org o1",
            line: "POST /api/v1/messages",
            body: #"{"to":"a@b.c","channel":"email","account_id":"a","body":"B","subject":"S","html":"<p>","#
                + #""category":"otp","scheduled_at":"t1","expires_at":"t2","reference":"r","#
                + #""retry":{"preset":"outbox","max_retries":2}}"#,
            key: "operator-key",
            org: "o1"
        ),
        .init(
            arguments: "send --to +1 --channel whatsapp --template t --language de --parameter 1=Ann --parameter b=x=y",
            line: "POST /api/v1/messages",
            body:
                #"{"to":"+1","channel":"whatsapp","template":{"code":"t","language":"de","parameters":{"1":"Ann","b":"x=y"}}}"#
        ),
        .init(
            arguments: "send --to +1 --channel sms --body -5°",
            line: "POST /api/v1/messages",
            body: #"{"to":"+1","channel":"sms","body":"-5°"}"#
        ),
        .init(
            arguments: "send --to +1 --channel sms --body x --dry-run",
            line: "POST /api/v1/messages?dry_run=true",
            body: #"{"to":"+1","channel":"sms","body":"x"}"#
        ),
        .init(
            arguments: "send --to +1 --channel sms --body x --retry-delays 10s,5m --max-retries 1 "
                + "--on-uncertain resend",
            line: "POST /api/v1/messages",
            body: #"{"to":"+1","channel":"sms","body":"x","retry":{"delays":["10s","5m"],"max_retries":1},"#
                + #""on_uncertain":"resend"}"#
        ),
    ]
}
