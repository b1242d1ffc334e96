import NIOHTTP1
import Shared
import Synchronization
import TestSupport

/// A client as our documents ask for: it repeats a create under its idempotency key until it is acknowledged.
struct PersistentClient: Sendable {
    let api: API
    let answers = AnswerCounts()

    /// Returns the acknowledgement; ends without one only by throwing.
    func create(_ message: JSONValue, key: String) async throws -> API.Answer {
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
final class AnswerCounts: Sendable {
    struct Counts: Sendable {
        /// Asked to come again: 503, 429, or the same key was just being worked on.
        var deferred = 0
        /// No answer: the connection was refused, or broke.
        var unreachable = 0
        /// What our contract does not know.
        var odd: [String] = []
    }

    private let state = Mutex(Counts())

    var counts: Counts { self.state.withLock { $0 } }

    func add(to counter: WritableKeyPath<Counts, Int>) {
        self.state.withLock { $0[keyPath: counter] += 1 }
    }

    func note(_ fault: String, _ answer: API.Answer) {
        self.state.withLock { $0.odd.append("\(fault): \(answer.status) \(answer.text.prefix(300))") }
    }
}
