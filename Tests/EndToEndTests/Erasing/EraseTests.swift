import Foundation
import Logging
import NIOHTTP1
import Shared
import Synchronization
import TestSupport
import Testing

/// A customer is exported whole, and erased without a trace; counts and the trail stay.
@Suite struct EraseTests {
    @Test(.timeLimit(.minutes(5))) func whoIsErasedLeavesNoTrace() async throws {
        let log = LogCapture()
        try await withPlatform(logger: log.logger) { platform in
            let tenant = try await platform.newTenant()
            let person = try await ErasedPerson.live(on: platform, tenant)
            let traces = Traces(ErasedPerson.needles)
            let before = try await platform.everythingKept()
            for place in ["inbound", "customers", "conversations", "messaging"] {
                // Else the search would prove nothing.
                #expect(before.contains { $0.place == place && !traces.found(in: $0.bytes).isEmpty }, "\(place)")
            }
            try await Self.checkExport(of: person, tenant)

            let start = ContinuousClock.now
            let erase = try await tenant.post("/api/v1/customers/\(person.id)/erase", [:])
            #expect(erase.status == 202, "\(erase.text)")
            let path = try #require(erase.headers.first(name: "location"))
            try await eventually { try await tenant.get(path).json["status"]?.string == "done" }
            #expect(start.duration(to: .now) < .seconds(60))

            try await platform.expectNoTrace(traces)
            #expect(traces.found(in: log.bytes) == [])
            try await Self.checkRest(of: person, tenant)
            #expect(try await tenant.post("/api/v1/customers/\(person.id)/erase", [:]).json["id"] == erase.json["id"])
            try await Self.checkAddress(tenant)
        }
    }

    private static func checkExport(of person: ErasedPerson, _ tenant: API) async throws {
        let export = try await tenant.get("/api/v1/customers/\(person.id)/export")
        #expect(export.status == 200, "\(export.text)")
        #expect(export.json["complete"] == true)
        #expect(export.json["messages"]?.array?.count == person.messages.count)
        #expect(export.json["messages"]?.array?.allSatisfy { $0["attempts"] != nil } == true)
        #expect(export.json["inbound_events"]?.array?.count == 3)
        #expect(export.json["consent_history"]?.array?.count == 1)
        #expect(export.json["suppressions"]?.array?.count == 1)
        #expect(export.json["merged_ids"]?.array?.count == 1)
        // What is planned for an address is nothing that was said yet.
        for text in ErasedPerson.texts where text != "Hutschachtel" { #expect(export.text.contains(text), "\(text)") }
        #expect(!export.text.contains("Bystander"))
        #expect(!export.text.contains("erased:"))
    }

    /// Counts, states, times and who did what.
    private static func checkRest(of person: ErasedPerson, _ tenant: API) async throws {
        #expect(try await tenant.get("/api/v1/customers/\(person.id)").status == 404)
        for id in person.messages {
            let message = try await tenant.get("/api/v1/messages/\(id)")
            #expect(message.status == 200)
            #expect(message.json["erased_at"]?.string != nil)
            #expect(message.json["created_at"]?.string != nil)
            #expect(try await tenant.get("/api/v1/messages/\(id)/timeline").status == 200)
        }
        #expect(try await tenant.status(of: person.messages[0]) == "read")
        #expect(try await tenant.status(of: person.scheduled) == "cancelled")
        #expect(try await tenant.post("/api/v1/messages/\(person.messages[2])/retry", [:]).status == 409)
        let trail = try await tenant.get("/api/v1/audit-events?entity_id=\(person.id)").json["data"]?.array ?? []
        let actions = Set(trail.compactMap { $0["action"]?.string })
        #expect(actions.isSuperset(of: ["CREATED", "UPDATED", "EXPORTED", "ERASED"]))
        // The other one in the same webhook is still there, with what they wrote.
        #expect(try await tenant.get("/api/v1/customers/\(person.bystander)").json["name"]?.string == "Bert")
        let theirs = try await tenant.get("/api/v1/messages?customer_id=\(person.bystander)").json["data"]?[0]
        #expect(theirs?["body"]?.string == "Bystander's words")
        let events = try await tenant.get("/api/v1/webhook-events?limit=200").text
        #expect(events.contains("Bystander's words"))
    }

    /// Who has the address next is somebody else, but is not written to against the will of who had it.
    private static func checkAddress(_ tenant: API) async throws {
        let sms: JSONValue = [
            "to": .string(ErasedPerson.phone), "channel": "sms", "body": "Sale", "category": "marketing",
        ]
        let refused = try await tenant.post("/api/v1/messages", sms)
        #expect(refused.json["status"]?.string == "skipped", "\(refused.text)")
        #expect(refused.json["error"]?["code"]?.string == "opted-out")
        let mail = try await tenant.post(
            "/api/v1/messages",
            ["to": .string(ErasedPerson.email), "channel": "email", "subject": "x", "body": "x"]
        )
        #expect(mail.json["error"]?["code"]?.string == "suppressed", "\(mail.text)")
    }
}

/// Takes every line that the services log.
final class LogCapture: Sendable {
    private let lines = Mutex<[UInt8]>([])

    var bytes: [UInt8] { self.lines.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "captured") { _ in Handler(capture: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let capture: LogCapture
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = self.metadata.merging(event.metadata ?? [:]) { $1 }
            self.capture.lines.withLock { $0 += Array("\(event.message) \(all)\n".utf8) }
        }
    }
}
