import Foundation
import InternalAPI
import Logging
import Metrics
import Shared
import Synchronization

/// Whether this worker may send: not while the database is another than the one whose work it did, nor while a restore of it
/// waits to be reconciled.
final class RestoreFence: Sendable {
    enum Position: Sendable, Equatable {
        /// Nothing was heard yet.
        case unknown
        case open
        /// The worker remembers none.
        case first(MessagingAPI.Standing)
        /// The database is not the one that the worker remembers: it tells its journal first.
        case anotherDatabase(MessagingAPI.Standing)
        /// It was restored, and the operator has not reconciled that yet.
        case fenced
    }

    private struct State {
        var memory: MessagingAPI.Memory
        var position = Position.unknown
    }

    private let file: WorkerMemory
    private let journal: AttemptJournal
    private let logger: Logger
    private let state: Mutex<State>
    private let closed = Gauge(label: "herald_worker_fenced")

    init(file: WorkerMemory, journal: AttemptJournal, logger: Logger) {
        self.file = file
        self.journal = journal
        self.logger = logger
        self.state = Mutex(State(memory: file.read()))
        self.closed.record(0)
    }

    /// What messaging-service is told with each question.
    var memory: MessagingAPI.Memory { self.state.withLock { $0.memory } }

    var position: Position { self.state.withLock { $0.position } }

    var isOpen: Bool { self.position == .open }

    /// The sentence for whoever asks why nothing is sent; nil when nothing holds it up.
    var sentence: String? {
        switch self.position {
        case .unknown, .first, .open: nil
        case .anotherDatabase: "The database was restored: this worker tells it what it sent, and sends nothing."
        case .fenced: "Sending is stopped: the database was restored; `herald restore reconcile` goes on."
        }
    }

    /// Takes in what a heartbeat was answered; nil of a messaging-service of the release before.
    func hear(_ standing: MessagingAPI.Standing?) {
        let (before, after) = self.state.withLock { state in
            let before = state.position
            state.position = Self.position(standing, state.memory)
            // Within the lock, so that two answers can not leave the journal as the older one had it.
            if state.position == .open { self.journal.allowIntents() } else { self.journal.forbidIntents() }
            if let standing, standing.epoch == state.memory.epoch, standing.beats > state.memory.beats {
                state.memory = MessagingAPI.Memory(epoch: standing.epoch, beats: standing.beats)
                self.remember(state.memory)
            }
            return (before, state.position)
        }
        let sentence = self.sentence
        self.closed.record(sentence == nil ? 0 : 1)
        guard before != after else { return }
        if let sentence {
            self.logger.error("sending is stopped", metadata: ["reason": "\(sentence)"])
        } else if after == .open, Self.isHeldUp(before) {
            self.logger.notice("sending goes on")
        }
    }

    /// Takes the database for the one whose work is done from now on: it knows what this worker's journal does.
    func adopt(_ standing: MessagingAPI.Standing) throws {
        let memory = MessagingAPI.Memory(epoch: standing.epoch, beats: 0)
        try self.file.write(memory)
        self.state.withLock { $0.memory = memory }
        self.hear(standing)
    }

    private static func isHeldUp(_ position: Position) -> Bool {
        switch position {
        case .unknown, .first, .open: false
        case .anotherDatabase, .fenced: true
        }
    }

    /// The database that has to be told what is kept before anything is sent for it; nil when it was.
    var untold: MessagingAPI.Standing? {
        switch self.position {
        case .first(let standing), .anotherDatabase(let standing): standing
        case .unknown, .open, .fenced: nil
        }
    }

    private func remember(_ memory: MessagingAPI.Memory) {
        do {
            try self.file.write(memory)
        } catch {
            // An older count misses a restore to the moments since; the next heartbeat tries again.
            self.logger.debug("heartbeats not noted", metadata: ["error": "\(error)"])
        }
    }

    private static func position(_ standing: MessagingAPI.Standing?, _ memory: MessagingAPI.Memory) -> Position {
        guard let standing else { return .open }
        guard let epoch = memory.epoch else { return .first(standing) }
        guard standing.epoch == epoch else { return .anotherDatabase(standing) }
        return standing.isFenced ? .fenced : .open
    }
}
