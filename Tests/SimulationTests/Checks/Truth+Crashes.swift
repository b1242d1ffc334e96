import MessagingService
import Shared

@testable import MessagingService

/// What a message is blamed for when workers end without a word.
extension Truth {
    /// Each attempt counts once, and only as begun if it may have begun.
    func checkCrashes(of index: Int, _ cause: Cause, before: Tables, after: Tables) {
        guard let old = before.rows[index], var fact = self.attempt(index, old.epoch) else { return }
        let isReleased = cause == .release
        let most = fact.mayHaveBegun || isReleased ? QueueRow.weightOfBegun : QueueRow.weightOfHeld
        if let new = after.rows[index], new.crashes > old.crashes {
            fact.crashes += new.crashes - old.crashes
            self.attempts[index][old.epoch - 1].crashes = fact.crashes
            if fact.crashes > most {
                let name = "attempt \(index).\(old.epoch)"
                self.world.fail("\(name) counts \(fact.crashes) crashes by \(cause), and may \(most)")
            }
        }
        guard after.isPoisonous(index), !before.isPoisonous(index) else { return }
        let blame = old.crashes - fact.crashes + most
        if blame < QueueRow.mostCrashes {
            self.world.fail("message \(index) failed as poisonous by \(cause), and is to blame for \(blame) crashes")
        }
    }
}

extension Truth.Attempt {
    /// Whether it did something, or nobody can know any more.
    fileprivate var mayHaveBegun: Bool { self.isIntended || self.isJournalLost }
}

extension Tables {
    /// Whether a message was taken for what ends its workers.
    func isPoisonous(_ index: Int) -> Bool {
        self.messages[index]?.status == .failed
            && self.attempts[index].contains { $0.error?.code == Settlement.poisonous.code }
    }
}
