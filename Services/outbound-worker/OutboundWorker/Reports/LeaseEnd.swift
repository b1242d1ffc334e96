import InternalAPI

/// What became of something that this worker was handed, for messaging-service to know.
enum LeaseEnd: Sendable, Equatable {
    case outcome(MessagingAPI.AttemptOutcome)
    /// Nothing left: the message may be leased again at once.
    case unused(MessagingAPI.AttemptKey)
    case finding(MessagingAPI.LookUpFinding)

    var key: MessagingAPI.AttemptKey {
        switch self {
        case .outcome(let outcome): outcome.key
        case .unused(let key): key
        case .finding(let finding): finding.attempt
        }
    }

    /// No attempt was made.
    var isUnused: Bool {
        if case .unused = self { true } else { false }
    }

    /// The attempt whose outcome it is; nil for anything else, of which the journal knows nothing.
    var journaled: MessagingAPI.AttemptKey? {
        switch self {
        case .outcome(let outcome): outcome.key
        case .unused, .finding: nil
        }
    }

    /// The end in one word, for the log.
    var word: String {
        switch self {
        case .outcome(let outcome): outcome.outcome.className
        case .unused: "unused"
        case .finding: "finding"
        }
    }
}

extension MessagingAPI.OutcomeRequest {
    init(worker: MessagingAPI.WorkerIdentity, _ ends: some Sequence<LeaseEnd>) {
        var outcomes: [MessagingAPI.AttemptOutcome] = []
        var unused: [MessagingAPI.AttemptKey] = []
        var findings: [MessagingAPI.LookUpFinding] = []
        for end in ends {
            switch end {
            case .outcome(let outcome): outcomes.append(outcome)
            case .unused(let key): unused.append(key)
            case .finding(let finding): findings.append(finding)
            }
        }
        self.init(worker: worker, outcomes: outcomes, unused: unused, findings: findings)
    }
}

extension MessagingAPI.Lease {
    var key: MessagingAPI.AttemptKey { .init(orgID: self.orgID, reference: self.reference) }
}

extension MessagingAPI.LookUp {
    var key: MessagingAPI.AttemptKey { .init(orgID: self.orgID, reference: self.reference) }
}
