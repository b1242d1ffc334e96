package import Foundation

/// The checkout that this was built from.
package enum Repository {
    package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// Herald's programs, built.
package struct Programs: Sendable {
    package let folder: URL

    /// Those that were built beside this one, or those in the directory that `HERALD_BIN` names.
    package static let current = Programs(
        in: ProcessInfo.processInfo.environment["HERALD_BIN"] ?? Repository.root.appending(path: ".build/debug").path()
    )

    package init(in folder: String) {
        self.folder = URL(filePath: folder)
    }

    /// Release builds meet tighter limits.
    package var areOptimized: Bool { self.folder.resolvingSymlinksInPath().lastPathComponent == "release" }

    package func path(of name: String) throws -> String {
        let path = self.folder.appending(path: name).path()
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Unusable("\(path) is missing: build the package first, or set HERALD_BIN.")
        }
        return path
    }
}

/// What is needed is not there, or did not start.
package struct Unusable: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
