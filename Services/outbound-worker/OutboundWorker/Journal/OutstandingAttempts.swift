import InternalAPI
import Shared

/// The attempts of a journal of which messaging-service is still to be told, in the order in which they began.
struct OutstandingAttempts: Sendable {
    private enum Standing {
        case begun(at: Timestamp)
        case ended(MessagingAPI.AttemptOutcome)
    }

    private var attempts: [MessagingAPI.AttemptKey: (place: Int, standing: Standing)] = [:]
    private var lastPlace = 0

    mutating func apply(_ record: JournalRecord) {
        switch record {
        case .header, .unknownHeader: break
        case .intent(let key, let startedAt):
            // An end that is known stays known.
            if self.attempts[key] == nil { self.set(.begun(at: startedAt), key) }
        case .outcome(let outcome): self.set(.ended(outcome), outcome.key)
        case .done(let key): self.attempts[key] = nil
        }
    }

    /// Each attempt once, in what is known of it last.
    var records: [JournalRecord] {
        self.sorted.map { key, standing in
            switch standing {
            case .begun(let startedAt): .intent(key, startedAt: startedAt)
            case .ended(let outcome): .outcome(outcome)
            }
        }
    }

    var outcomes: [MessagingAPI.AttemptOutcome] {
        self.sorted.compactMap { _, standing in
            guard case .ended(let outcome) = standing else { return nil }
            return outcome
        }
    }

    /// How an attempt ended; nil when it did not, or nothing is known of it.
    func outcome(of key: MessagingAPI.AttemptKey) -> MessagingAPI.AttemptOutcome? {
        guard case .ended(let outcome) = self.attempts[key]?.standing else { return nil }
        return outcome
    }

    /// The attempts that began and did not end.
    var uncertain: [MessagingAPI.AttemptKey] {
        self.sorted.compactMap { key, standing in
            guard case .begun = standing else { return nil }
            return key
        }
    }

    private mutating func set(_ standing: Standing, _ key: MessagingAPI.AttemptKey) {
        if self.attempts[key] == nil { self.lastPlace += 1 }
        self.attempts[key] = (self.attempts[key]?.place ?? self.lastPlace, standing)
    }

    private var sorted: [(MessagingAPI.AttemptKey, Standing)] {
        self.attempts.sorted { $0.value.place < $1.value.place }.map { ($0.key, $0.value.standing) }
    }
}

extension MessagingAPI.AttemptOutcome {
    var key: MessagingAPI.AttemptKey { .init(orgID: self.orgID, reference: self.reference) }
}
