import Foundation

/// The archive could not be written: a directory is missing, full or not ours.
package struct ArchiveFailure: Error, Equatable, CustomStringConvertible {
    package let path: String
    package let code: Int32

    init(path: String, code: Int32 = errno) {
        self.path = path
        self.code = code
    }

    package var description: String { unsafe "\(self.path): \(String(cString: strerror(self.code)))" }
}

/// A directory of the archive; every call blocks.
///
/// What a call returned from is on the disk, the names of files and folders included. Nothing is ever overwritten, but by
/// `replace`.
struct ArchiveFolder {
    /// Names that one file may have; another than the first is needed only when a message changed while it was archived.
    private static let names = 1...100

    let path: String

    /// Makes the folder unless it is there; for this user only, because it holds what messages say.
    func subfolder(_ name: String) throws(ArchiveFailure) -> ArchiveFolder {
        let path = "\(self.path)/\(name)"
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw ArchiveFailure(path: path) }
        // Even if it was there: who made it may have died before its name was on the disk.
        try self.sync()
        return ArchiveFolder(path: path)
    }

    /// Stores a file under `name` with the ending `.jsonl.gz`.
    ///
    /// If the same content is there under this name, nothing remains to be done. If another content is there, it stays, and
    /// this one gets the ending `.2.jsonl.gz`, and so on.
    func store(_ content: [UInt8], as name: String) throws(ArchiveFailure) {
        let temporary = "\(self.path)/.\(name).\(UUID().uuidString)"
        try self.write(content, to: temporary)
        defer { unsafe unlink(temporary) }
        try self.place(temporary, content, as: name)
        try self.sync()
    }

    /// Puts another content in the place of a file's: whoever reads it meanwhile gets the one or the other.
    func replace(_ name: String, with content: [UInt8]) throws(ArchiveFailure) {
        let temporary = "\(self.path)/.\(name).\(UUID().uuidString)"
        try self.write(content, to: temporary)
        guard unsafe rename(temporary, "\(self.path)/\(name)") == 0 else {
            let failure = ArchiveFailure(path: "\(self.path)/\(name)")
            unsafe unlink(temporary)
            throw failure
        }
        try self.sync()
    }

    private func write(_ content: [UInt8], to path: String) throws(ArchiveFailure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ArchiveFailure(path: path) }
        defer { close(descriptor) }
        do throws(ArchiveFailure) {
            var rest = content[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes { bytes in
                    unsafe Foundation.write(descriptor, bytes.baseAddress, bytes.count)
                }
                guard count > 0 || errno == EINTR else { throw ArchiveFailure(path: path) }
                rest = rest.dropFirst(max(count, 0))
            }
            guard fsync(descriptor) == 0 else { throw ArchiveFailure(path: path) }
        } catch {
            unsafe unlink(path)
            throw error
        }
    }

    private func place(_ temporary: String, _ content: [UInt8], as name: String) throws(ArchiveFailure) {
        for number in Self.names {
            let path = "\(self.path)/\(name)\(number == 1 ? "" : ".\(number)").jsonl.gz"
            // Unlike a rename, a second name for the same file can not take the place of another file.
            if unsafe link(temporary, path) == 0 { return }
            let code = errno
            if let stored = FileManager.default.contents(atPath: path) {
                if stored.elementsEqual(content) { return }
                continue
            }
            // A file system without second names.
            guard code == EPERM || code == ENOTSUP || code == ENOSYS, unsafe rename(temporary, path) == 0 else {
                throw ArchiveFailure(path: path, code: code)
            }
            return
        }
        throw ArchiveFailure(path: "\(self.path)/\(name)", code: EEXIST)
    }

    /// Puts the names in this folder on the disk.
    private func sync() throws(ArchiveFailure) {
        let descriptor = unsafe open(self.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ArchiveFailure(path: self.path) }
        defer { close(descriptor) }
        // Some network file systems sync no folders, and say so: EINVAL.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw ArchiveFailure(path: self.path) }
    }
}
