import InternalAPI
import NIOCore
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What the messages of a broadcast say: its content, with what fills it for each recipient.
@Suite(.messaging, .timeLimit(.minutes(5))) struct BroadcastContentTests {
    @Test func itsTextsAreFilledForEachRecipient() async throws {
        let fixture = try BroadcastFixture(known: PlayedValues(["first_name": "Ann"]))
        let id = try await fixture.broadcast(
            """
            {"body": "Hi {{first_name}}, order {{order}}",
             "recipients": [{"to": "+15550000001", "parameters": {"order": "7"}},
                            {"to": "+15550000002", "parameters": {"order": 8, "first_name": "{{order}}"}},
                            {"to": "+15550000003", "parameters": {"colour": "red"}}, {"to": "+15550000004"}]}
            """
        )
        try await fixture.work()
        let outcomes = try await fixture.outcomes(of: id)
        #expect(outcomes[2] == "+15550000003: parameters/colour is no variable of the template")
        #expect(outcomes[3].hasPrefix("+15550000004: parameters/order is required by the template"))
        #expect(try await fixture.bodies(of: id) == ["Hi Ann, order 7", "Hi {{order}}, order 8"])
        // The lease says the same, of what is stored: the values alone.
        #expect(
            Set(try await fixture.messaging.leaseNow().map(\.content.body)) == [
                "Hi Ann, order 7", "Hi {{order}}, order 8",
            ]
        )
        let parameters = try await fixture.messaging.rows("SELECT parameters FROM messages ORDER BY recipient")
        #expect(try parameters[0].get("parameters", as: String.self) == #"{"first_name":"Ann","order":"7"}"#)
    }

    @Test func aTemplateIsTheOneOfTheMomentItWasMade() async throws {
        let fixture = try BroadcastFixture()
        let template = try await fixture.messaging.template(
            #"{"channel": "sandbox", "body": "First {{n}}", "variables": {"n": {"default": "one"}}}"#
        )
        let id = try await fixture.broadcast(
            """
            {"template": {"code": "t", "parameters": {}},
             "recipients": [{"to": "+15550000001"}, {"to": "+15550000002", "parameters": {"n": "two"}}]}
            """
        )
        try await fixture.messaging.change(template, #"{"body": "Second {{n}}"}"#)
        try await fixture.work()
        let outcomes = try await fixture.outcomes(of: id)
        #expect(outcomes == ["+15550000001: made", "+15550000002: made"])
        #expect(try await fixture.bodies(of: id) == ["First one", "First two"])
        try await fixture.messaging.templates.remove(template, for: fixture.messaging.acting, requestID: "r")
        #expect(try await fixture.bodies(of: id) == ["First one", "First two"])
    }

    @Test func whatAnAudienceCanNotFillIsRefusedAtOnce() async throws {
        let fixture = try BroadcastFixture()
        try await fixture.messaging.template(
            #"{"channel": "sandbox", "body": "Order {{order}}", "variables": {"order": {"default": null}}}"#
        )
        let problem = await #expect(throws: Problem.self) {
            try await fixture.broadcast(#"{"template": {"code": "t"}, "filter": {"guest": false}}"#)
        }
        #expect(problem?.violations.first?.pointer == "/template/parameters/order")
    }

    /// Its message is a message as any other: an edit gives it a content of its own.
    @Test func anEditedMessageSaysWhatItWasGiven() async throws {
        let fixture = try BroadcastFixture()
        let messaging = fixture.messaging
        let id = try await fixture.broadcast(#"{"recipients": [{"to": "+15550000001"}, {"to": "+15550000002"}]}"#)
        try await fixture.work()
        let message = try #require(
            try await messaging.rows("SELECT id FROM messages ORDER BY recipient LIMIT 1").first
        )
        let edit = EditMessage(postgres: messaging.postgres, prepare: messaging.prepare, due: messaging.due)
        try await edit(
            ["body": "Sale, and more"],
            of: try message.get("id"),
            for: messaging.acting,
            requestID: "r"
        )
        #expect(try await fixture.bodies(of: id) == ["Sale, and more", "Sale"])
    }

    @Test(arguments: [
        (#"{"body": "Hi {{#all}}", "recipients": [{"to": "+15550000001"}]}"#, ["/body"]),
        (#"{"recipients": []}"#, ["/recipients"]), (#"{"recipients": null}"#, ["/recipients"]), ("{}", ["/recipients"]),
        (#"{"recipients": {"to": "+15550000001"}}"#, ["/recipients"]),
        (#"{"recipients": ["+15550000001"]}"#, ["/recipients/0"]),
        (#"{"recipients": [{"to": "+15550000001", "name": "Ann"}, {}]}"#, ["/recipients/0/name", "/recipients/1/to"]),
        (#"{"recipients": [{"to": "12"}]}"#, ["/recipients/0"]),
        (#"{"recipients": [{"to": "+15550000001", "parameters": {"a": [1]}}]}"#, ["/recipients/0/parameters/a"]),
        (#"{"recipients": [{"to": "+15550000001"}], "category": "otp"}"#, ["/category"]),
        (#"{"recipients": [{"to": "+15550000001"}], "colour": 1}"#, ["/colour"]),
        (#"{"recipients": [{"to": "+15550000001"}], "batch_size": 5}"#, ["/batch_interval_seconds"]),
        (#"{"recipients": [{"to": "+15550000001"}], "batch_size": 0, "batch_interval_seconds": 1}"#, ["/batch_size"]),
        (#"{"group_ids": ["x"]}"#, ["/group_ids/0"]), (#"{"filter": {}}"#, ["/filter"]),
        (#"{"filter": {"fields": {"a": null}}}"#, ["/filter/fields/a"]),
        (#"{"recipients": [{"to": "+15550000001"}], "name": ""}"#, ["/name"]),
        (#"{"recipients": [{"to": "+15550000001"}], "channel": "fax"}"#, ["/channel"]),
        (#"{"recipients": [{"to": "+15550000001"}], "scheduled_at": "2020-01-01T00:00:00Z"}"#, ["/scheduled_at"]),
    ])
    func whatIsWrongIsNamed(json: String, pointers: [String]) async throws {
        let fixture = try BroadcastFixture()
        let problem = await #expect(throws: Problem.self) { try await fixture.broadcast(json) }
        #expect(problem?.status == 422)
        #expect(problem?.violations.map(\.pointer) == pointers)
    }

    @Test func moreRecipientsThanOneCallTakesAreRefused() async throws {
        let element = #"{"to":"+15550000001"}"#
        let many = Array(repeating: element, count: Limits.broadcastRecipients + 1).joined(separator: ",")
        let problem = #expect(throws: Problem.self) {
            try ReadBroadcast.read(.init(string: #"{"recipients":[\#(many)]}"#))
        }
        #expect(problem?.violations.first?.pointer == "/recipients")
    }

    @Test func aDryRunShowsASampleAndWhoIsRefused() async throws {
        let fixture = try BroadcastFixture(known: PlayedValues(["first_name": "Ann"]))
        let bytes = try BroadcastFixture.bytes(
            of: """
                {"body": "Hi {{first_name}}", "recipients": [{"to": "12"}, {"to": "+15550000001"}, {"to": "+15550000001"}]}
                """
        )
        let trial = try await fixture.dryRun(bytes, for: fixture.messaging.acting, requestID: "r")
        #expect(trial["recipients"] == 2)
        #expect(trial["refused"] == 1)
        #expect(trial["duplicates"] == 1)
        #expect(trial["refusals"]?.array?.first?["number"] == 1)
        let sample = try #require(trial["sample"]?.array?.first)
        #expect(sample["rendered"]?["body"] == "Hi Ann")
        #expect(sample["gates"]?.array?.isEmpty == false)
        #expect(try await fixture.messaging.count("SELECT count(*) AS count FROM broadcasts") == 0)
    }
}
