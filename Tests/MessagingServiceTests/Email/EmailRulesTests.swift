import Shared
import Testing

@testable import MessagingService

/// What an email's headers may be made of, before it is queued.
@Suite struct EmailRulesTests {
    /// What ends a line somewhere, or a string.
    static let breaks = [
        "a\r\nBcc: x@y.test", "a\nb", "a\rb", "a\0b", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "a\u{7F}",
    ]

    @Test(arguments: Self.breaks) func nothingThatEndsALineGetsIntoAHeader(text: String) throws {
        #expect(try Self.faults(["subject": .string(text)]) == ["/subject"])
        #expect(try Self.faults(["from_name": .string(text)]) == ["/from_name"])
        #expect(try Self.faults(["reply_to": .string("\(text)@example.com")]) == ["/reply_to"])
        #expect(Self.accountFaults(["from_name": text]) == ["/credentials/from_name"])
    }

    @Test(arguments: [
        ("from_name", String(repeating: "я", count: 100), true),
        ("from_name", String(repeating: "я", count: 101), false),
        ("from_name", "", false), ("from_name", "Ann \"A\" Lee, Ltd. <x>", true), ("reply_to", "a@b.test", true),
        ("reply_to", "Ann <a@b.test>", false), ("reply_to", "a@b.test,c@d.test", false), ("reply_to", "a@b", false),
        ("reply_to", String(repeating: "a", count: 64) + "@b.test", true), ("reply_to", "é@b.test", false),
        ("reply_to", String(repeating: "a", count: 65) + "@b.test", false),
        ("subject", String(repeating: "x", count: 500), true), ("subject", String(repeating: "x", count: 501), false),
    ])
    func eachFieldHasItsLimit(name: String, value: String, isTaken: Bool) throws {
        #expect(try Self.faults([name: .string(value)]) == (isTaken ? [] : ["/\(name)"]))
    }

    @Test func theyStandBesideATemplateAndOnlyInEmails() throws {
        let template: JSONObject = [
            "subject": .null, "body": .null, "template": ["code": "hi"], "from_name": "Ann", "reply_to": "a@b.test",
        ]
        #expect(try Self.faults(template) == [])
        let sms: JSONObject = ["to": "+14155550100", "channel": "sms", "subject": .null, "from_name": "Ann"]
        #expect(try Self.faults(sms) == ["/from_name"])
    }

    @Test(arguments: [
        (["reply_to": "help@example.com"], []), (["reply_to": "help"], ["/credentials/reply_to"]),
        (["from_name": String(repeating: "x", count: 101)], ["/credentials/from_name"]),
        (["webhook_public_key": "no key"], ["/credentials/webhook_public_key"]),
        (["webhook_public_key": "AAAA"], ["/credentials/webhook_public_key"]),
    ])
    func anAccountsOwnAreCheckedWhenItIsMade(credentials: [String: String], pointers: [String]) {
        #expect(Self.accountFaults(credentials) == pointers)
    }

    private static func faults(_ changes: JSONObject) throws -> [String] {
        var message: JSONObject = ["to": "ada@example.org", "channel": "email", "subject": "Hi", "body": "Hello"]
        for change in changes.members { message[change.name] = change.value }
        var fields = JSONFields(.object(message), at: "")
        _ = NewMessage(&fields, now: .now, region: nil)
        do throws(Problem) {
            try fields.finish()
            return []
        } catch {
            return error.violations.map(\.pointer)
        }
    }

    private static func accountFaults(_ changes: [String: String]) -> [String] {
        let credentials = ["api_key": "SG.x", "from": "shop@example.com"].merging(changes) { $1 }
        let members = credentials.map { ($0.key, JSONValue.string($0.value)) }
        do throws(Problem) {
            _ = try NewAccount([
                "channel": "email", "provider": "sendgrid", "name": "main", "credentials": .object(members: members),
            ])
            return []
        } catch {
            return error.violations.map(\.pointer)
        }
    }
}
