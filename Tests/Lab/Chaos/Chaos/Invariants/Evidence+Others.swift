/// The invariants of what customers wrote, of the processes, and of the database.
extension Evidence {
    /// Everything that must hold and does not.
    var breaches: [Breach] {
        [
            self.losses, self.phantoms, self.untruths, self.doubles, self.unexplainedResends, self.keyBreaches,
            self.inversions, self.crossings, self.inboundBreaches, self.statusesBehind, self.miscounts,
            self.excesses.map { Breach(.withinCaps, $0) }, self.oddAnswers.map { Breach(.answersAsPromised, $0) },
            self.damages.map { Breach(.databaseSound, $0) }, self.faults.map { Breach(.noProcessEndedByItself, $0) },
            self.drained == nil ? [Breach(.drained, "something still moves")] : [],
        ].flatMap(\.self)
    }

    /// I9: what was answered 200 is there once, and has had its effect once.
    var inboundBreaches: [Breach] {
        self.written.keys.sorted().flatMap { tenant -> [Breach] in
            let (written, received) = (self.written[tenant] ?? [:], self.received[tenant] ?? [:])
            var breaches = Set(written.keys).union(received.keys).sorted().compactMap { number -> Breach? in
                let (expected, there) = (written[number] ?? [], received[number] ?? [])
                guard expected != there else { return nil }
                return Breach(.inboundOnce, "\(number) wrote \(expected.count), and \(there.count) are there")
            }
            let count = written.values.reduce(0) { $0 + $1.count }
            if let unread = self.unread[tenant], unread != count {
                breaches.append(Breach(.inboundOnce, "\(count) were written, and \(unread) count as unread"))
            }
            return breaches
        } + (self.inboxPending > 0 ? [Breach(.drained, "\(self.inboxPending) events wait in the inbox")] : [])
            + (self.inboxFailed > 0 ? [Breach(.inboundOnce, "\(self.inboxFailed) events failed")] : [])
    }
}
