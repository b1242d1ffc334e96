import Shared

/// Compares seals with the lines that they are about, and with each other.
struct CheckSeals {
    /// Those of the seals that are there.
    let lines: [ID<AuditEvent>: AuditLine]
    /// Lines that say who was erased, of those that redactions name.
    let erasures: Set<ID<AuditEvent>>

    /// Adds what is wrong with `seals`, which are sorted by their numbers and were to begin after `number`, to `step`.
    ///
    /// `start` is the seal before them, as it is stored.
    func callAsFunction(
        _ seals: [AuditSeal],
        from start: AuditSeal.Head,
        after number: Int,
        _ step: inout VerificationStep
    ) {
        var (expected, before) = (number + 1, start)
        for seal in seals {
            if seal.number > expected {
                step.findings += (expected..<seal.number).prefix(VerificationStore.mostFindings)
                    .map { AuditFinding(.sealMissing, seal: $0) }
            }
            // Behind a gap there is nothing to compare with.
            let follows = seal.number != before.number + 1 || seal.previous == before.hash
            if !seal.isIntact || !follows { step.findings.append(.init(.sealChanged, seal: seal.number)) }
            for entry in seal.entries { self.check(entry, of: seal, before: before, &step) }
            step.seals += 1
            step.lines += seal.entries.count
            (expected, before) = (seal.number + 1, seal.head)
        }
    }

    private func check(
        _ entry: AuditSeal.Entry,
        of seal: AuditSeal,
        before: AuditSeal.Head,
        _ step: inout VerificationStep
    ) {
        let kind: AuditFinding.Kind
        if let line = self.lines[entry.id] {
            if line.redaction != .none { step.redacted += 1 }
            if line.hash != entry.hash {
                kind = .lineChanged
            } else if !self.isExplained(line.redaction) {
                kind = .redactionUnexplained
            } else if line.at + VerifyTrail.longestTransaction < before.settledAt {
                // Everything that had been written by then was sealed.
                kind = .lineBackdated
            } else {
                return
            }
        } else {
            kind = .lineMissing
        }
        step.findings.append(.init(kind, seal: seal.number, entry.id))
    }

    private func isExplained(_ redaction: AuditLine.Redaction) -> Bool {
        switch redaction {
        case .none: true
        case .by(let reason): self.erasures.contains(reason)
        case .unexplained: false
        }
    }
}
