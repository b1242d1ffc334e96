import NIOHTTP1
package import Shared
import Synchronization
package import TestClient

/// A client as our documents ask for: it repeats a create under its idempotency key until it is acknowledged.
package struct PersistentClient: Sendable {
    package let api: API
    package let answers = AnswerCounts()

    package init(api: API) {
        self.api = api
    }

    /// Returns the acknowledgement; ends without one only by throwing.
    package func create(_ message: JSONValue, key: String) async throws -> API.Answer {
        // Doubled with each try, up to two seconds: a service that was away is not overrun by those who waited for it.
        var longest = 200
        while true {
            try Task.checkCancellation()
            if let answer = try await self.attempt(message, key: key) { return answer }
            try await pause(.milliseconds(Int.random(in: longest / 2...longest)))
            longest = min(2 * longest, 2000)
        }
    }

    /// Nil when it is worth another try.
    private func attempt(_ message: JSONValue, key: String) async throws -> API.Answer? {
        let answer: API.Answer
        do {
            answer = try await self.api.post("/api/v1/messages", message, ["idempotency-key": key])
        } catch {
            try Task.checkCancellation()
            self.answers.add(to: \.unreachable)
            return nil
        }
        switch answer.status {
        case 202:
            return answer
        case 409 where answer.code == "idempotency-key-in-use", 429, 503:
            self.answers.add(to: \.deferred)
            if answer.headers.first(name: "retry-after") == nil { self.answers.note("without Retry-After", answer) }
            return nil
        case 500...:
            self.answers.note("never to be seen", answer)
            return nil
        default:
            throw Unusable("A create was answered \(answer.status): \(answer.text)")
        }
    }
}

/// What clients were answered instead of an acknowledgement.
package final class AnswerCounts: Sendable {
    package struct Counts: Sendable {
        /// Asked to come again: 503, 429, or the same key was just being worked on.
        package var deferred = 0
        /// No answer: the connection was refused, or broke.
        package var unreachable = 0
        /// What our contract does not know.
        package var odd: [String] = []
    }

    private let state = Mutex(Counts())

    package var counts: Counts { self.state.withLock { $0 } }

    package func add(to counter: WritableKeyPath<Counts, Int>) {
        self.state.withLock { $0[keyPath: counter] += 1 }
    }

    package func note(_ fault: String, _ answer: API.Answer) {
        self.state.withLock { $0.odd.append("\(fault): \(answer.status) \(answer.text.prefix(300))") }
    }
}
