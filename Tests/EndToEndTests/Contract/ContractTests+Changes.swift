import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

extension ContractTests {
    /// Makes each change that the API has, once, so that it succeeds.
    static func change(_ org: FilledOrg, _ platform: Platform, _ operator: API) async throws {
        try await self.changeMessages(org, platform)
        try await self.changeConversationsAndAccounts(org)
        try await self.changeBroadcastsAndTemplates(org)
        try await self.changeCustomers(org)
        try await self.useFormerRequests(org, platform)
        try await self.changeInstallation(org, `operator`)
    }

    @discardableResult
    private static func act(_ api: API, _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async throws
        -> API.Answer
    {
        let answer = try await api.send(method, "/api/v1\(path)", body?.bytes, [:])
        #expect((200..<300).contains(answer.status), "\(method) \(path): \(answer.text.prefix(500))")
        return answer
    }

    /// A message of tomorrow's.
    private static func planned(_ api: API) async throws -> String {
        let tomorrow = JSONValue.string("\(Timestamp.now + .seconds(86_400))")
        let message: JSONValue = ["to": "+15550000002", "channel": "sandbox", "body": "x", "scheduled_at": tomorrow]
        return try await self.act(api, .POST, "/messages", message).id
    }

    private static func changeMessages(_ org: FilledOrg, _ platform: Platform) async throws {
        let api = org.api
        let message: JSONValue = ["to": "+15550000002", "channel": "sandbox", "body": "x"]
        try await self.act(api, .POST, "/messages?dry_run=true", message)
        let sms: JSONValue = ["to": "+14155550109", "channel": "sms", "body": "x", "category": "marketing"]
        try await self.act(api, .POST, "/messages?dry_run=true", sms)
        try await self.act(api, .POST, "/messages/batch", ["messages": [message, ["to": "1"]]])
        let (first, second) = (try await self.planned(api), try await self.planned(api))
        try await self.act(api, .PATCH, "/messages/\(first)", ["body": "y", "metadata": ["a": 1]])
        try await self.act(api, .POST, "/messages/\(first)/cancel")
        try await self.act(api, .DELETE, "/messages/\(first)")
        try await self.act(api, .POST, "/messages/\(second)/send-now", [:])
        try await self.act(
            api,
            .POST,
            "/messages/bulk",
            ["action": "cancel", "ids": [.string(second), .string(first), "x"]]
        )
        let failed = try await self.act(api, .GET, "/failed").json["data"]?[0]?["id"]?.string ?? ""
        try await self.act(api, .POST, "/messages/\(failed)/retry")
        try await self.act(api, .POST, "/failed/flush", ["confirm": true, "filter": ["channel": "sandbox"]])

        platform.stub.callbacks.update { $0.isEnabled = false }
        _ = platform.stub.behaviours.set(
            BehaviourRule(.acceptThenCut, times: 1),
            for: BehaviourMatch(provider: .whatsapp)
        )
        let lost = try await api.sendMessage(["to": "+14155550111", "channel": "whatsapp", "body": "x"])
        try await eventually { try await api.status(of: lost) == "uncertain" }
        try await self.act(api, .GET, "/messages/\(lost)/timeline")
        try await self.act(api, .POST, "/messages/\(lost)/resolve", ["outcome": "sent"])
    }

    private static func changeConversationsAndAccounts(_ org: FilledOrg) async throws {
        let (api, conversation) = (org.api, "/conversations/\(try org.first("conversations"))")
        try await self.act(api, .POST, "\(conversation)/messages", ["body": "On our way"])
        for act in ["close", "reopen"] { try await self.act(api, .POST, conversation + "/" + act) }
        let account: JSONValue = ["channel": "sandbox", "provider": "sandbox", "name": "second"]
        let second = try await self.act(api, .POST, "/channel-accounts", account).id
        try await self.act(api, .PATCH, "/channel-accounts/\(second)", ["settings": ["rate_per_second": 5]])
        try await self.act(api, .POST, "/channel-accounts/\(second)/park", ["reason": "paused by hand"])
        try await self.act(api, .GET, "/queue")
        try await self.act(api, .POST, "/channel-accounts/\(second)/resume")
        try await self.act(api, .POST, "/channel-accounts/\(second)/check")
        try await self.act(api, .DELETE, "/channel-accounts/\(second)")
        let twilio = org.ids["channel-accounts"]?[1] ?? ""
        let since = JSONValue.string("\(Timestamp.now - .seconds(60))")
        try await self.act(api, .POST, "/channel-accounts/\(twilio)/backfill", ["since": since])
        try await self.act(api, .POST, "/webhook-events/replay", ["filter": ["kind": "message"]])
    }

    private static func changeBroadcastsAndTemplates(_ org: FilledOrg) async throws {
        let api = org.api
        let tomorrow = JSONValue.string("\(Timestamp.now + .seconds(86_400))")
        let planned: JSONValue = [
            "name": "autumn", "channel": "sandbox", "body": "x", "recipients": [["to": "+15550000001"]],
            "scheduled_at": tomorrow,
        ]
        try await self.act(api, .POST, "/broadcasts?dry_run=true", planned)
        let autumn = try await self.act(api, .POST, "/broadcasts", planned).id
        for verb in ["pause", "resume", "cancel"] { try await self.act(api, .POST, "/broadcasts/\(autumn)/\(verb)") }
        let failing: JSONValue = [
            "name": "winter", "channel": "sandbox", "body": "x", "recipients": [["to": "+15550000004"]],
            "retry": ["max_retries": 0],
        ]
        let winter = try await self.act(api, .POST, "/broadcasts", failing).id
        try await eventually { try await api.get("/api/v1/broadcasts/\(winter)").json["status"] == "done" }
        try await self.act(api, .POST, "/broadcasts/\(winter)/retry")

        let template: JSONValue = ["code": "trial", "channel": "sms", "body": "Hi {{name}}"]
        try await self.act(api, .POST, "/templates/preview", ["template": template, "parameters": ["name": "Ann"]])
        let id = try await self.act(api, .POST, "/templates", template).id
        try await self.act(api, .POST, "/templates/\(id)/preview", ["parameters": ["name": "Ann"]])
        try await self.act(api, .DELETE, "/templates/\(id)")
    }

    private static func changeCustomers(_ org: FilledOrg) async throws {
        let api = org.api
        let email: JSONValue = ["kind": "email", "value": "new@example.org"]
        let batch: JSONValue = ["customers": [["identities": [email], "name": "New"], ["identities": []]]]
        try await self.act(api, .POST, "/customers/batch", batch)
        let id = try await self.act(api, .POST, "/customers", ["name": "Fay"]).id
        try await self.act(api, .PATCH, "/customers/\(id)", ["fields": ["tier": "gold"], "timezone": "Europe/Berlin"])
        let other: JSONValue = ["kind": "email", "value": "fay@example.org"]
        try await self.act(api, .POST, "/customers/\(id)/identities", other)
        try await self.act(api, .DELETE, "/customers/\(id)/identities?kind=email&value=fay%40example.org")
        let group = try await self.act(api, .POST, "/groups", ["name": "silver"]).id
        try await self.act(api, .PATCH, "/groups/\(group)", ["name": "platinum"])
        try await self.act(api, .POST, "/groups/\(group)/members", ["customer_ids": [.string(id)]])
        try await self.act(api, .DELETE, "/groups/\(group)/members?customer_id=\(id)")
        try await self.act(api, .DELETE, "/groups/\(group)")
        try await self.act(api, .DELETE, "/customers/\(id)")
        try await self.act(api, .DELETE, "/suppressions/\(try org.first("suppressions"))")
    }

    private static func useFormerRequests(_ org: FilledOrg, _ platform: Platform) async throws {
        let api = org.api
        let customer = try org.first("customers")
        func former(_ path: String, _ body: JSONValue) async throws -> String {
            let answer = try await api.post("/api/messages\(path)", body)
            #expect((200..<300).contains(answer.status), "\(path): \(answer.text.prefix(500))")
            return answer.id
        }
        _ = try await former(
            "",
            [
                "conversation_id": 42, "direction": "outbound", "body": "Hello", "channel": "sms",
                "metadata": ["recipient": "+14155550113"],
            ]
        )
        let draft = try await former("", ["subject": "News", "body": "Hi {{FirstName}}", "type": "email"])
        _ = try await former("/send", ["message_id": .string(draft), "user_ids": [.string(customer)], "guest_ids": []])

        _ = platform.stub.behaviours.set(
            BehaviourRule(.reject(status: 400, code: 131026, message: "can not be reached"), times: 1),
            for: BehaviourMatch(provider: .whatsapp)
        )
        let dossiers: JSONValue = [
            "dossierId": 4711, "channel": "WHATSAPP", "to": "+14155550114", "templateCode": "hello_world",
            "payloadJson": ["language": "en_US", "components": []], "idempotencyKey": "4711-1",
        ]
        let path = "/outbound/messages"
        let sent = try await self.act(api, .POST, path, dossiers).id
        try await eventually { try await api.get("/api/v1\(path)/\(sent)").json["status"] == "FAILED" }
        try await self.act(api, .POST, "\(path)/\(sent)/retry")
        try await self.act(api, .GET, "\(path)?dossierId=4711")
        try await self.act(api, .GET, "\(path)/paginated?dossierId=4711")
    }

    private static func changeInstallation(_ org: FilledOrg, _ operator: API) async throws {
        let api = org.api
        for verb in ["pause", "continue"] {
            try await self.act(api, .POST, "/queue/\(verb)")
            try await self.act(`operator`, .POST, "/queue/\(verb)", [:])
        }
        try await self.act(`operator`, .GET, "/queue")
        try await self.act(api, .PATCH, "/org", ["settings": ["default_region": "DE"]])
        let keys = org.ids["keys"] ?? []
        try await self.act(api, .DELETE, "/keys/\(keys[0])")
        try await self.act(api, .PATCH, "/keys/\(keys[1])", ["rate_limit": ["per_second": 100, "burst": 200]])
        try await self.act(api, .POST, "/keys/\(keys[1])/rotate", ["overlap_seconds": 3600])
        try await self.act(`operator`, .PATCH, "/orgs/\(org.id)", ["name": "Other"])
        try await self.act(`operator`, .POST, "/orgs/\(org.id)/erasures/reapply", [:])
        let sandbox = try await self.act(`operator`, .POST, "/orgs", ["name": "Play", "sandbox": true]).id
        let key = try await self.act(`operator`, .POST, "/orgs/\(sandbox)/keys", ["name": "k", "scopes": ["*"]])
        let player = api.with(key: key.json["secret"]?.string)
        try await self.act(player, .GET, "/clock")
        try await self.act(player, .POST, "/clock/advance", ["by": "90s"])
        try await self.act(`operator`, .GET, "/restore")
        try await self.act(`operator`, .POST, "/restore/reconcile", ["lost_journals": []])
        try await self.act(`operator`, .POST, "/queue/restart")
    }
}
