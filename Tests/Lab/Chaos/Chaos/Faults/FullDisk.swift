import Foundation
import Installation

/// A disk of the database's own, so small that it can be filled: a file system in memory.
struct FullDisk: Sendable {
    static let megabytes = 1024

    let folder: String
    private var filler: String { "\(self.folder)/filler" }

    /// Mounts one; nil where this process may not.
    static func mount() async -> FullDisk? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "herald-disk-\(UUID())").path()
        guard getuid() == 0,
            (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil
        else { return nil }
        do {
            try await runToEnd(["mount", "-t", "tmpfs", "-o", "size=\(Self.megabytes)m,mode=1777", "tmpfs", folder])
            return FullDisk(folder: folder)
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            return nil
        }
    }

    /// Takes all that is left, in ever smaller pieces: the database writes meanwhile.
    func fill() async throws {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: self.folder)
        var length = (attributes[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        var offset = 0
        while length >= 8192 {
            let part = ["fallocate", "--offset", "\(offset)", "--length", "\(length)", self.filler]
            do {
                try await runToEnd(part)
                offset += length
            } catch is Unusable {
                length /= 2
            }
        }
    }

    func free() {
        try? FileManager.default.removeItem(atPath: self.filler)
    }

    /// Takes the disk away, with all that is on it; also after the run was cancelled, which would end the command.
    func unmount() async {
        await Task {
            try? await runToEnd(["umount", "--lazy", self.folder])
            try? FileManager.default.removeItem(atPath: self.folder)
        }.value
    }
}
