import Foundation
import Installation

/// What must be there before anything is started.
struct Requirements {
    private static let names = [
        "api-gateway", "inbound-gateway", "customer-service", "conversation-service", "messaging-service",
        "outbound-worker", "provider-stub",
    ]
    /// Postgres with its buffers, seven processes, and this one with a ledger in hand.
    private static let neededMB = 2048
    /// Of a message of history with its attempt and its line in the trail: 1,400 were measured.
    private static let bytesOfRow = 1600
    /// Of everything else: 2 GB for the log, and what the other scenarios write.
    private static let bytes = 5 << 30

    let programs: Programs
    let scenarios: [ScenarioName]
    let sizes: Sizes
    /// What is free; nil where the system does not tell.
    var memoryMB = Machine.availableMB
    var diskBytes = Self.freeBytes(in: Self.folder)

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
        if let memoryMB, memoryMB < Self.neededMB {
            throw LoadFailure("\(memoryMB) MB of memory are free, and \(Self.neededMB) are needed.")
        }
        let needed = Self.bytes(for: self.scenarios, self.sizes)
        guard let diskBytes, diskBytes < needed else { return }
        throw LoadFailure(
            """
            \(diskBytes >> 20) MB are free in \(Self.folder), and \(needed >> 20) are needed; set TMPDIR, or take fewer --rows.
            """
        )
    }

    /// What the databases may grow by.
    static func bytes(for scenarios: [ScenarioName], _ sizes: Sizes) -> Int {
        // A queued message has a customer and a conversation of its own.
        let queued = 2 * sizes.queuedRows
        let rows = [
            scenarios.contains(.growth) ? sizes.historyRows + queued : 0, scenarios.contains(.fair) ? queued : 0,
        ]
        return self.bytes + (rows.max() ?? 0) * self.bytesOfRow
    }

    /// Where the databases are.
    private static var folder: String { FileManager.default.temporaryDirectory.path() }

    /// Where the programs are that are measured.
    static func binaries(_ named: String?) throws(LoadFailure) -> String {
        if let named {
            let folder = URL(filePath: named).resolvingSymlinksInPath()
            let values = try? folder.resourceValues(forKeys: [.isDirectoryKey])
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
