import InternalAPI
import Shared

/// The part of the log that a restored database may have forgotten, file by file.
struct KeptReading: Sendable {
    /// How far the clocks of workers and of the database may differ, and how late an outcome may be told.
    static let margin: Duration = .seconds(7200)

    /// The files that are to be read, the oldest first.
    let files: [KeptFile]
    /// From then on every attempt that was told is in them; nil without any.
    let coversSince: Timestamp?
    private let oldest: Timestamp?

    init(files all: [KeptFile], worker: String, since: Timestamp?, isWhole: Bool) {
        let oldest = since.map { $0 - Self.margin }
        self.oldest = oldest
        // A file ends where the next begins.
        let ends = all.dropFirst().map(\.startedAt) + [Timestamp.distantFuture]
        let files = zip(all, ends).filter { _, end in oldest.map { end >= $0 } ?? true }.map(\.0)
        self.files = files
        var (covers, wanted): (Timestamp?, Timestamp?) = (nil, files.last?.startedAt)
        for file in files.reversed() {
            let content = file.read()
            guard file.startedAt == wanted, content.isWhole, let header = content.header, header.worker == worker else {
                break
            }
            covers = file.startedAt
            wanted = header.follows
            if header.follows == nil { break }
        }
        // What is older is not read, and was followed without a gap.
        if let wanted, let before = all.last(where: { $0.startedAt < files.first?.startedAt ?? .epoch }),
            before.startedAt == wanted, covers == files.first?.startedAt
        {
            covers = before.startedAt
        }
        self.coversSince = isWhole ? covers : nil
    }

    /// The attempts of one of them.
    func attempts(in file: KeptFile) -> [MessagingAPI.KeptAttempt] {
        file.read().attempts.filter { attempt in self.oldest.map { attempt.endedAt >= $0 } ?? true }
    }
}
