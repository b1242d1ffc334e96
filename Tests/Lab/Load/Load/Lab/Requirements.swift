import Foundation
import Installation

/// What must be there before anything is started.
struct Requirements {
    private static let names = [
        "api-gateway", "inbound-gateway", "customer-service", "conversation-service", "messaging-service",
        "outbound-worker", "provider-stub",
    ]
    /// Postgres with its buffers, seven processes, and this one with a ledger in hand.
    private static let memoryMB = 2048
    /// Of a message of history with its attempt, its line in the trail, and the log of their writing.
    private static let bytesOfRow = 3000
    /// Of everything else.
    private static let bytes = 4 << 30

    let programs: Programs
    let sizes: Sizes

    /// - Throws: `LoadFailure` with what to change.
    func check() throws(LoadFailure) {
        for name in Self.names {
            let path = self.programs.folder.appending(path: name).path()
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw LoadFailure(
                    "\(path) is missing: build it (swift build -c release), or name another folder with --bin."
                )
            }
        }
        if let available = Machine.availableMB, available < Self.memoryMB {
            throw LoadFailure("\(available) MB of memory are free, and \(Self.memoryMB) are needed.")
        }
        let folder = FileManager.default.temporaryDirectory.path()
        let needed = Self.bytes(for: self.sizes)
        guard let free = Self.freeBytes(in: folder), free < needed else { return }
        throw LoadFailure(
            "\(free >> 20) MB are free in \(folder), and \(needed >> 20) are needed; set TMPDIR, or take fewer --rows."
        )
    }

    /// What the databases may grow by.
    static func bytes(for sizes: Sizes) -> Int {
        self.bytes + (sizes.historyRows + 2 * sizes.queuedRows) * self.bytesOfRow
    }

    /// Where the programs are that are measured.
    static func folder(_ named: String?) throws(LoadFailure) -> String {
        if let named {
            let values = try? URL(filePath: named).resourceValues(forKeys: [.isDirectoryKey])
            guard values?.isDirectory == true else {
                throw LoadFailure("\(named) is no folder; --bin takes the one with the built programs.")
            }
            return named
        }
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw LoadFailure("Where this program lies can not be told; name the folder of the programs with --bin.")
        }
        return URL(filePath: own).deletingLastPathComponent().path()
    }

    private static func freeBytes(in folder: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    }
}
