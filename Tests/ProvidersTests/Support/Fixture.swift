import Foundation
import Shared

/// A file under `Fixtures`.
enum Fixture {
    static func url(_ path: String) -> URL { Bundle.module.bundleURL.appending(path: "Fixtures/\(path)") }

    static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: self.url(path))) }

    /// A file of error codes by class.
    static func errorClasses(_ path: String) throws -> [FailureClass: [Int]] {
        let classes = try JSONValue(parsing: self.bytes(path))
        return Dictionary(
            uniqueKeysWithValues: FailureClass.allCases.map { name in
                (name, classes[name.rawValue]?.array?.compactMap(\.int) ?? [])
            }
        )
    }
}
