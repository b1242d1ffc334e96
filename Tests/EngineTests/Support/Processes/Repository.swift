import Foundation

/// The checkout that these tests were built from.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// The programs that were built beside these tests, or those in the directory that `HERALD_BIN` names.
enum Programs {
    static let folder = URL(
        filePath: ProcessInfo.processInfo.environment["HERALD_BIN"]
            ?? Repository.root.appending(path: ".build/debug").path()
    )

    /// Release builds meet tighter limits.
    static let areOptimized = Self.folder.resolvingSymlinksInPath().lastPathComponent == "release"

    static func path(of name: String) throws -> String {
        let path = Self.folder.appending(path: name).path()
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Unusable("\(path) is missing: build the package first, or set HERALD_BIN.")
        }
        return path
    }
}

/// What a test needs is not there, or did not start.
struct Unusable: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
