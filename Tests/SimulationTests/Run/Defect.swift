/// A fault that is put into what the simulation has in the place of SQL and of the processes' loops.
///
/// Its checks must find each of them.
enum Defect: String, CaseIterable, Sendable {
    /// A worker that is started again says that nothing left.
    case journalIgnored
    /// A journal that was lost leaves those who held messages before it to be judged by the next one.
    case lostLifeForgotten
    /// A worker that is started again says of all that it held that it may have left.
    case heldIsBegun
    /// A worker that was not heard of had not used its leases.
    case silenceIsUnused
    /// What is said of an attempt is taken for the latest one's.
    case noFence
    /// Whoever waits becomes the head.
    case promotedInAnyOrder
    /// Those who wait can be claimed as well.
    case claimedFromBehind
    /// A report of an attempt of which nothing is known yet is forgotten.
    case earlyReportDropped
    /// The last report that arrives is the one that counts.
    case lastWordWins
    /// Outcomes are taken before they are committed.
    case acknowledgedBeforeCommit
    /// The journal says that an outcome was told before it was.
    case doneBeforeAnswer
    /// The intent is written when the request is under way.
    case intentAfterSending
    /// A message is accepted before it is committed.
    case acceptedBeforeCommit
    /// Whatever earlier answers held is given back, though they arrived.
    case arrivalIgnored
    /// What arrives after the fence was raised is forgotten.
    case lateOutcomeDropped
    /// The provider is asked once, at once, and believed.
    case absenceBelieved
    /// While an account is parked its provider is not asked about what may have left.
    case parkedUnasked
    /// Claims do not say what they took from the bucket.
    case bucketUnsaved
    /// Claims do not look whether the queue is paused.
    case pauseIgnored
    /// What is repeated after a commit of which nothing is known is a new message.
    case repeatedWithoutKey
    /// A claim looks at the worker's life, and it may be over when it commits.
    case lifeReadUnlocked
}
