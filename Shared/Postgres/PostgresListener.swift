import Dispatch
import Glibc

/// Waits for `NOTIFY` on a connection of its own.
///
/// No thread is held while nothing arrives: the Dispatch queue that runs this actor also watches its socket.
/// Notifications are hints: they are lost while no one listens, so whoever waits for one also polls, slowly.
package actor PostgresListener {
    package struct Notification: Sendable, Equatable {
        package let channel: String
        package let payload: String

        package init(channel: String, payload: String) {
            self.channel = channel
            self.payload = payload
        }
    }

    /// Ends with an error when the connection is lost; has one reader.
    package nonisolated let notifications: AsyncThrowingStream<Notification, any Error>

    private let executor: QueueExecutor
    private let libpq: LibPQ
    private let continuation: AsyncThrowingStream<Notification, any Error>.Continuation
    private var source: (any DispatchSourceRead)?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe self.executor.asUnownedSerialExecutor()
    }

    /// Listens on `channels`, whose names are written in our sources: letters, digits and underscores.
    package init(_ connectionString: String, channels: [String]) async throws(PostgresError) {
        self.executor = QueueExecutor(label: "postgres-listener")
        self.libpq = LibPQ()
        (self.notifications, self.continuation) = AsyncThrowingStream.makeStream()
        try self.libpq.connect(SessionSettings(url: connectionString, name: "herald listener"))
        for channel in channels {
            try self.libpq.execute(script: "LISTEN \(channel)")
        }
        self.watch()
        // What came with the answers to LISTEN has been read already, and will not wake anyone.
        self.receive()
    }

    isolated deinit {
        self.source?.cancel()
        self.libpq.close()
        self.continuation.finish()
    }

    /// Closes now, where `deinit` closes some time after the last use.
    package func close() {
        self.source?.cancel()
        self.source = nil
        self.libpq.close()
        self.continuation.finish()
    }

    /// Watches a copy of the socket's descriptor: libpq closes its own as soon as it finds the connection lost, and the
    /// number could be another connection's before the source is gone.
    private func watch() {
        let descriptor = dup(self.libpq.socket)
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: self.executor.queue)
        source.setEventHandler { [weak self] in
            self?.assumeIsolated { $0.receive() }
        }
        source.setCancelHandler { _ = Glibc.close(descriptor) }
        self.source = source
        source.activate()
    }

    private func receive() {
        do {
            for notification in try self.libpq.notifications() {
                self.continuation.yield(.init(channel: notification.channel, payload: notification.payload))
            }
        } catch {
            self.source?.cancel()
            self.continuation.finish(throwing: error)
        }
    }
}
