/// How a private server is set up.
package struct PostgresPlan: Sendable {
    /// `name=value`; the last one of a name counts.
    package var settings: [String]
    /// Whether a power cut may cost nothing that was committed; asked of the server before anybody uses it.
    package let isDurable: Bool
    /// Where its data lie; the temporary folder unless told.
    package var folder: String?

    private static let common = [
        "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "restart_after_crash=on",
        "max_wal_size=2GB",
    ]
    private static let safe = ["fsync=on", "synchronous_commit=on", "full_page_writes=on", "wal_compression=lz4"]

    /// As durable as in production, and small.
    package static let durable = PostgresPlan(settings: common + safe + ["shared_buffers=128MB"], isDurable: true)
    /// As durable as in production, with the memory that figures are taken with.
    package static let measured = PostgresPlan(settings: common + safe + ["shared_buffers=512MB"], isDurable: true)
    /// For what does not end with a crash: nothing waits for the disk.
    package static let quick = PostgresPlan(
        settings: common + ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=128MB"],
        isDurable: false
    )

    /// The same with more settings.
    package func with(_ settings: [String]) -> PostgresPlan {
        PostgresPlan(settings: self.settings + settings, isDurable: self.isDurable, folder: self.folder)
    }
}
