extension AttemptJournal {
    /// Opens the journal in a slot's folder, without changing it.
    ///
    /// - Parameters:
    ///   - slot: held for as long as the journal is used.
    ///   - worker: its name.
    ///   - kept: where attempts go that it forgets.
    ///   - bootID: of the machine as it runs now.
    /// - Returns: also what the life before left in it.
    static func inFolder(
        of slot: WorkerSlot,
        worker: String,
        kept: (any KeepsAttempts)? = nil,
        bootID: String = BootID.current()
    ) -> (journal: AttemptJournal, replay: JournalReplay) {
        let file = JournalFile(path: "\(slot.path)/journal")
        let owner = JournalOwner(worker: worker, bootID: bootID)
        return (AttemptJournal(storage: file, owner: owner, kept: kept), JournalReplay(of: file.bytes(), owner: owner))
    }
}
