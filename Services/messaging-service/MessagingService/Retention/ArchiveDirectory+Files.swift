import Foundation
import Shared

/// The files of an organization, one after the other; every call blocks, for as long as one file takes.
extension ArchiveDirectory {
    /// Leftovers of a process that died while it wrote; a file is written within seconds.
    private static let leftoverAge: TimeInterval = 3600

    /// Erases the lines that `lines` means in the file after `last`.
    ///
    /// - Returns: its name; nil after the last file.
    func eraseNext(after last: String?, of orgID: OrgID, _ lines: CustomerLines) throws -> String? {
        guard let (name, folder, file) = try self.next(after: last, of: orgID) else { return nil }
        if let left = try lines.erased(try Gzip.decompress(try folder.content(of: file))) {
            try folder.replace(file, with: try Gzip.compress(left))
        }
        return name
    }

    /// The messages in the file after `last` that `lines` means.
    func next(
        after last: String?,
        of orgID: OrgID,
        _ lines: CustomerLines
    ) throws -> (name: String, messages: [JSONValue])? {
        guard let (name, folder, file) = try self.next(after: last, of: orgID) else { return nil }
        let content = try Gzip.decompress(try folder.content(of: file))
        let messages = try content.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
        return (name, messages.filter(lines.mean))
    }

    private func next(
        after last: String?,
        of orgID: OrgID
    ) throws -> (name: String, folder: ArchiveFolder, file: String)? {
        let organization = ArchiveFolder(path: "\(self.path)/\(orgID)")
        let parts = last?.split(separator: "/").map(String.init) ?? []
        for day in try organization.names() where day >= parts.first ?? "" {
            let folder = ArchiveFolder(path: "\(organization.path)/\(day)")
            for file in try folder.names(removingLeftoversOlderThan: Self.leftoverAge) {
                if let first = parts.first, let name = parts.last, day == first, file <= name { continue }
                return ("\(day)/\(file)", folder, file)
            }
        }
        return nil
    }
}

extension ArchiveFolder {
    /// What is in it, sorted; empty where there is no such folder.
    func names(removingLeftoversOlderThan age: TimeInterval = .infinity) throws -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: self.path) else {
            guard FileManager.default.fileExists(atPath: self.path) else { return [] }
            throw ArchiveFailure(path: self.path, code: EACCES)
        }
        for name in names where name.hasPrefix(".") {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(self.path)/\(name)")
            if let changed = attributes?[.modificationDate] as? Date, -changed.timeIntervalSinceNow > age {
                try FileManager.default.removeItem(atPath: "\(self.path)/\(name)")
            }
        }
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }

    func content(of name: String) throws(ArchiveFailure) -> [UInt8] {
        let path = "\(self.path)/\(name)"
        guard let content = FileManager.default.contents(atPath: path) else { throw ArchiveFailure(path: path) }
        return Array(content)
    }
}
