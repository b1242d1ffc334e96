import Testing

@testable import HeraldCommand

@Suite(.timeLimit(.minutes(5))) struct ConversationTests {
    private static let conversation =
        #"{"id":"c1","channel":"sms","address":"+1","status":"open","assignee":null,"unread_count":2,"#
        + #""last_inbound_at":"2026-11-21T10:00:00Z"}"#
    private static let activities =
        #"{"data":[{"at":"2026-11-21T10:00:00Z","type":"ASSIGNED","actor":"operator","message_id":null,"#
        + #""detail":{"from":null,"to":"Ann"}}],"next_cursor":null}"#

    private func api() throws -> FakeAPI {
        try FakeAPI { request in
            if request.target.contains("/activities") { return FakeAnswer(body: Self.activities) }
            return FakeAnswer(
                body: request.target.contains("/c1")
                    ? Self.conversation : #"{"data":[\#(Self.conversation)],"next_cursor":null}"#
            )
        }
    }

    @Test func `A list shows what waits for an answer`() async throws {
        let ran = await herald(["conversations", "list"], at: try self.api(), device: .terminal)
        #expect(
            ran.output == """
                ID  LAST MESSAGE (UTC)       CHANNEL  ADDRESS  STATUS  UNREAD  ASSIGNEE
                c1  2026-11-21 10:00:00.000  sms      +1       open         2  -

                """
        )
    }

    @Test func `One is shown with what happened in it`() async throws {
        let ran = await herald(["conversations", "show", "c1"], at: try self.api(), device: .terminal)
        #expect(ran.code == 0)
        #expect(ran.output.contains("unread_count     2\n"))
        #expect(ran.output.contains("2026-11-21 10:00:00.000  ASSIGNED  operator  -        to=Ann\n"))
    }

    @Test func `As JSON it is the API's own`() async throws {
        let ran = await herald(["conversations", "show", "c1"], at: try self.api())
        #expect(ran.output == Self.conversation + "\n")
    }

    @Test func `Somebody else's answer is not taken for a timeline`() async throws {
        let api = try FakeAPI { _ in FakeAnswer(body: "{}") }
        let ran = await herald(["conversations", "show", "c1", "--activities"], at: api, device: .terminal)
        #expect(ran.code == 1)
        #expect(ran.errors.contains("does not answer as Herald does"))
    }
}
