/// The invariants of messages that tenants sent, as equations over sets.
extension Evidence {
    private var takenIDs: Set<String> { Set(self.taken.map(\.id)) }
    private var takenCounts: [String: Int] { self.taken.reduce(into: [:]) { $0[$1.id, default: 0] += 1 } }

    /// I1: what was acknowledged is there, and has ended; what is there was acknowledged.
    var losses: [Breach] {
        let ids = Set(self.acknowledged.map(\.id))
        let gone = ids.filter { self.messages[$0] == nil }.map { "\($0) is not there" }
        let unasked = self.messages.keys.filter { !ids.contains($0) }.map { "\($0) was made, and nobody was told" }
        let open = self.messages.filter { !$0.value.isSent && !$0.value.isRefused }.map {
            "\($0.key) is \($0.value.status)"
        }
        return (gone + unasked + open).sorted().map { Breach(.nothingLost, $0) }
            + self.outbox.sorted().map { Breach(.drained, "\($0) is in the outbox") }
    }

    /// I2: nothing was sent that no committed row asked for.
    var phantoms: [Breach] {
        self.takenIDs.filter { self.messages[$0] == nil }.sorted().map { Breach(.nothingPhantom, $0) }
            + self.taken.compactMap(\.unreadable).map { Breach(.nothingPhantom, "reference \($0)") }
    }

    /// I3: what is shown as sent was taken, and what is shown as not sent was not, unless it is shown as in doubt.
    var untruths: [Breach] {
        let taken = self.takenIDs
        return self.messages.sorted { $0.key < $1.key }.compactMap { id, message in
            guard message.isSent != taken.contains(id), !(message.isInDoubt && self.hasUncertainAttempt(id)) else {
                return nil
            }
            return Breach(
                .statusesTrue,
                "\(id) is \(message.status), and was \(message.isSent ? "never taken" : "taken")"
            )
        }
    }

    private func hasUncertainAttempt(_ id: String) -> Bool { self.attempts[id]?.contains("uncertain") == true }

    /// I4: nothing was taken twice, for each provider can be asked, tells, or drops what comes again.
    var doubles: [Breach] {
        self.takenCounts.filter { $0.value > 1 }.sorted { $0.key < $1.key }
            .map { Breach(.nothingDoubled, "\($0.key) was taken \($0.value) times") }
    }

    /// I5: what was taken again has an attempt that nobody could know the end of.
    var unexplainedResends: [Breach] {
        self.takenCounts.filter { $0.value > 1 }.keys.sorted().compactMap { id in
            guard !self.hasUncertainAttempt(id) else { return nil }
            return Breach(.resendsExplained, id)
        }
    }

    /// I6: each key has one message, and one answer.
    var keyBreaches: [Breach] {
        let ids = Dictionary(grouping: self.acknowledged, by: \.key).mapValues { Set($0.map(\.id)) }
        let several = ids.filter { $0.value.count > 1 }.keys
        let keys = Dictionary(grouping: self.acknowledged, by: \.id).mapValues { Set($0.map(\.key)) }
        let shared = keys.filter { $0.value.count > 1 }.keys
        return (several.sorted() + self.changed.sorted()).map { Breach(.oneMessageForAKey, $0) }
            + shared.sorted().map { Breach(.oneMessageForAKey, "\($0) answers several keys") }
    }

    /// I7: of one conversation, what was acknowledged before the next was even sent was taken before it.
    var inversions: [Breach] {
        var places: [String: Int] = [:]
        for (place, entry) in self.taken.enumerated() where places[entry.id] == nil { places[entry.id] = place }
        let conversations = Dictionary(grouping: self.acknowledged) { "\($0.tenant) \($0.channel) \($0.recipient)" }
        return conversations.values.flatMap { creates -> [Breach] in
            let creates = creates.sorted { $0.firstSentAt < $1.firstSentAt }
            return creates.indices.flatMap { index -> [Breach] in
                let later = creates[index]
                guard let second = places[later.id] else { return [] }
                return creates[..<index].compactMap { earlier in
                    guard earlier.acknowledgedAt < later.firstSentAt, let first = places[earlier.id], second < first
                    else { return nil }
                    return Breach(.inOrder, "\(later.id) came before \(earlier.id)")
                }
            }
        }
    }

    /// I8: each message went through an account of its own organization, and was shown to nobody else.
    var crossings: [Breach] {
        self.taken.compactMap { entry in
            guard let message = self.messages[entry.id], entry.tenant != message.tenant else { return nil }
            return Breach(.nothingOfOthers, "\(entry.id) went through another's account")
        }
            + self.shownToOthers.map { Breach(.nothingOfOthers, $0) }
    }

    /// I10: where every report was taken, a message of a provider that tells when it was read is read.
    var statusesBehind: [Breach] {
        let taken = self.takenIDs
        let behind = self.messages.filter { id, message in
            message.channel == "whatsapp" && message.isSent && taken.contains(id) && message.status != "read"
        }
        return (self.callbacksLost > 0 ? ["\(self.callbacksLost) reports were never taken"] : [])
            .map { Breach(.statusesComplete, $0) }
            + behind.sorted { $0.key < $1.key }.map { Breach(.statusesComplete, "\($0.key) is \($0.value.status)") }
    }

    /// I11: each message has as many accepted attempts as the provider took of it; of one in doubt the uncertain ones may be.
    var miscounts: [Breach] {
        let taken = self.takenCounts
        return self.messages.keys.sorted().compactMap { id in
            let accepted = (self.attempts[id] ?? []).count { ["sent", "delivered", "read"].contains($0) }
            let inDoubt =
                self.messages[id]?.isInDoubt == true ? (self.attempts[id] ?? []).count { $0 == "uncertain" } : 0
            guard !(accepted...accepted + inDoubt).contains(taken[id] ?? 0) else { return nil }
            return Breach(
                .attemptsCounted,
                "\(id) has \(accepted) accepted attempts, and was taken \(taken[id] ?? 0) times"
            )
        }
    }
}
