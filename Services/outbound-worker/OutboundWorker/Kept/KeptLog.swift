import Foundation
package import InternalAPI
import Shared
import Synchronization

/// What left in the last days, for a database that is restored and has forgotten it: ids, times and how it ended, nothing else.
///
/// It takes over from the journal what messaging-service knows, before the journal forgets it; so both together have every
/// attempt. Like the journal it is used under the slot's lock alone, and nothing waits for the disk.
final class KeptLog: KeepsAttempts {
    /// Some 60,000 attempts.
    static let fileBytes = 4 * 1024 * 1024
    static let fileAge: Duration = .seconds(86_400)

    private struct State {
        var file: KeptFile?
        var descriptor: Int32?
        var size = 0
    }

    private let folder: String
    private let worker: String
    private let retention: Duration
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// - Parameters:
    ///   - folder: made when it is missing.
    ///   - worker: its name; the files of another prove nothing.
    ///   - retention: at least as long as backups are kept.
    ///   - now: the clock.
    init(folder: String, worker: String, retention: Duration, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.folder = folder
        self.worker = worker
        self.retention = retention
        self.now = now
    }

    deinit {
        self.state.withLock { if let descriptor = $0.descriptor { _ = Foundation.close(descriptor) } }
    }

    func begin(afterIntactJournal isIntact: Bool) throws {
        try FileManager.default.createDirectory(
            atPath: self.folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let last = KeptFile.all(in: self.folder).last
        let content = last?.read()
        let isContinued = content?.header?.worker == self.worker && (isIntact || content?.isClosed ?? false)
        try self.state.withLock { try self.open(after: isContinued ? last : nil, &$0) }
    }

    func keep(_ attempts: [MessagingAPI.KeptAttempt]) throws {
        guard !attempts.isEmpty else { return }
        try self.state.withLock { state in
            let age = state.file.map { self.now() - $0.startedAt } ?? .zero
            if state.descriptor == nil || state.size > Self.fileBytes || age > Self.fileAge {
                try self.open(after: state.file, &state)
            }
            let bytes = attempts.flatMap { KeptRecord.attempt($0).frame() }
            do {
                guard let descriptor = state.descriptor else { return }
                try JournalFile.write(bytes, to: descriptor)
                state.size += bytes.count
            } catch {
                // A part of a record may be at its end: the next one goes into another file.
                Self.close(&state)
                throw error
            }
        }
    }

    /// Says that nothing is on its way, and waits for the disk.
    func end() {
        self.state.withLock { state in
            guard let descriptor = state.descriptor, fsync(descriptor) == 0 else { return }
            try? JournalFile.write(KeptRecord.closed.frame(), to: descriptor)
            _ = fsync(descriptor)
            Self.close(&state)
        }
    }

    /// Removes files all of whose attempts are older than what is kept.
    func prune() {
        let files = KeptFile.all(in: self.folder)
        let oldest = self.now() - self.retention
        for (file, next) in zip(files, files.dropFirst()) where next.startedAt < oldest {
            unsafe unlink(file.path)
        }
    }

    /// What it has since a time, and from when on nothing is missing.
    ///
    /// - Parameters:
    ///   - since: what is older is left out; nil for all.
    ///   - isIntact: whether the journal has all that it has not.
    /// - Returns: what there is, without having read the attempts.
    func reading(since: Timestamp?, withIntactJournal isIntact: Bool) -> KeptReading {
        let files = KeptFile.all(in: self.folder)
        let isWhole = isIntact || files.last?.read().isClosed ?? false
        return KeptReading(files: files, worker: self.worker, since: since, isWhole: isWhole)
    }

    private func open(after last: KeptFile?, _ state: inout State) throws {
        Self.close(&state)
        // Two in a microsecond would have one name.
        let startedAt = max(self.now(), (last?.startedAt ?? .epoch) + .microseconds(1))
        let file = KeptFile(startedAt: startedAt, in: self.folder)
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
        let descriptor = unsafe Foundation.open(file.path, flags, 0o600)
        guard descriptor >= 0 else { throw JournalFileFailure(call: "open", code: errno) }
        let header = KeptRecord.header(.init(startedAt: startedAt, follows: last?.startedAt, worker: self.worker))
        do {
            try JournalFile.write(header.frame(), to: descriptor)
        } catch {
            _ = Foundation.close(descriptor)
            // Without its header it would only be in the way.
            unsafe unlink(file.path)
            throw error
        }
        state = State(file: file, descriptor: descriptor, size: 0)
    }

    /// Its file stays the one that the next follows.
    private static func close(_ state: inout State) {
        if let descriptor = state.descriptor { _ = Foundation.close(descriptor) }
        state.descriptor = nil
    }
}

/// Where attempts go that the journal is about to forget.
package protocol KeepsAttempts: Sendable {
    /// Begins this life's part.
    ///
    /// - Parameter isIntact: whether the journal has all that the life before had begun.
    /// - Throws: when it can not be written.
    func begin(afterIntactJournal isIntact: Bool) throws
    /// - Throws: when they could not be written; the journal must not forget them.
    func keep(_ attempts: [MessagingAPI.KeptAttempt]) throws
}
