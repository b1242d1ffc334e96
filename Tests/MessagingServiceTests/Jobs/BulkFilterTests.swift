import Shared
import Testing

@testable import MessagingService

@Suite struct BulkFilterTests {
    private static let id = "0190a0b0-0000-7000-8000-000000000001"

    @Test func everyFieldIsRead() throws {
        let filter = try Self.read(
            """
            {"status": "failed", "channel": ["sms", "email"], "conversation_id": "\(Self.id)", "customer_id": "\(Self.id)",
             "account_id": "\(Self.id)", "reference": "order-17", "created_after": "2026-01-01T00:00:00Z",
             "created_before": "2026-02-01T00:00:00+01:00", "error_code": "131026"}
            """
        )
        #expect(filter.messages.statuses == [.failed])
        #expect(filter.messages.channels == [.sms, .email])
        #expect(filter.messages.conversationID == ConversationID(Self.id))
        #expect(filter.messages.customerID == CustomerID(Self.id))
        #expect(filter.messages.accountID == AccountID(Self.id))
        #expect(filter.messages.reference == "order-17")
        #expect(filter.messages.createdAfter == Timestamp("2026-01-01T00:00:00Z"))
        #expect(filter.messages.createdBefore == Timestamp("2026-01-31T23:00:00Z"))
        #expect(filter.errorCode == "131026")
    }

    /// It is stored with its job, and read again by whoever goes on with it.
    @Test(arguments: [
        "{}", #"{"status": ["failed", "queued"]}"#,
        #"{"reference": "a \"b\" 👋", "created_after": "2026-01-01T00:00:00.000001Z"}"#,
        #"{"channel": "whatsapp", "account_id": "0190a0b0-0000-7000-8000-000000000001", "error_code": "x"}"#,
    ])
    func whatIsStoredIsReadAsItWas(text: String) throws {
        let filter = try Self.read(text)
        #expect(try BulkFilter(stored: filter.json.text) == filter)
    }

    @Test(arguments: [
        (#"{"status": "lost"}"#, "/filter/status"), (#"{"status": []}"#, "/filter/status"),
        (#"{"status": ["failed", 7]}"#, "/filter/status"), (#"{"channel": "fax"}"#, "/filter/channel"),
        (#"{"conversation_id": "7"}"#, "/filter/conversation_id"), (#"{"customer_id": 7}"#, "/filter/customer_id"),
        (#"{"account_id": []}"#, "/filter/account_id"), (#"{"reference": ""}"#, "/filter/reference"),
        (#"{"created_after": "2026-01-01T00:00:00"}"#, "/filter/created_after"),
        (#"{"created_before": "yesterday"}"#, "/filter/created_before"), (#"{"error_code": ""}"#, "/filter/error_code"),
        (#"{"direction": "inbound"}"#, "/filter/direction"), (#"{"body": "secret"}"#, "/filter/body"),
    ])
    func whatIsWrongIsNamed(text: String, pointer: String) {
        let problem = #expect(throws: Problem.self) { try Self.read(text) }
        #expect(problem?.violations.map(\.pointer) == [pointer])
    }

    /// Where messages are looked for, so that a step reads no others.
    @Test(
        arguments: [
            (JobAction.cancel, nil, "unfinished"), (.sendNow, nil, "unfinished"), (.retry, nil, "failed"),
            (.delete, nil, "all"),
            (.delete, [.failed], "failed"), (.delete, [.scheduled, .queued, .uncertain], "unfinished"),
            (.delete, [.sent], "all"), (.delete, [.failed, .queued], "all"), (.retry, [.failed, .sent], "failed"),
        ] as [(JobAction, [MessageStatus]?, String)]
    )
    func aJobLooksWhereItsMessagesAre(action: JobAction, statuses: [MessageStatus]?, source: String) {
        let filter = BulkFilter(messages: MessageFilter(statuses: statuses))
        #expect("\(MeantMessages(filter, for: action, of: .new()).source)" == source)
    }

    @Test(arguments: [
        (JobAction.cancel, [MessageStatus.sent], [MessageStatus]()), (.cancel, [.queued, .sent], [.queued]),
        (.retry, [.failed], [.failed]), (.sendNow, [.scheduled], [.scheduled]), (.delete, [.read], [.read]),
    ])
    func onlyStatusesInWhichItIsPossibleAreMeant(action: JobAction, asked: [MessageStatus], meant: [MessageStatus]) {
        let filter = BulkFilter(messages: MessageFilter(statuses: asked))
        #expect(MeantMessages(filter, for: action, of: .new()).statuses == meant)
    }

    private static func read(_ text: String) throws -> BulkFilter {
        var fields = JSONFields(try JSONValue(parsing: Array(text.utf8)), at: "/filter")
        let filter = BulkFilter(&fields)
        try fields.finish()
        return filter
    }
}
