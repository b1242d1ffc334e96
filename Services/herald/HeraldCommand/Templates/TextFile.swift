import Foundation
import Shared

/// A file with one text; `-` is standard input.
enum TextFile {
    /// As much as an ordinary request to the API may have.
    static let maximumBytes = Limits.bodyBytes

    static func read(_ path: String, in context: CommandContext) throws(CommandFailure) -> String {
        let data: Data
        do {
            data = path == "-" ? try context.readInput() : try Data(contentsOf: URL(filePath: path))
        } catch {
            throw .usage("The file \(PlainText.of(path)) can not be read.")
        }
        guard data.count <= self.maximumBytes else {
            throw .usage("The file \(PlainText.of(path)) has more than \(self.maximumBytes / 1024) KB.")
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw .usage("The file \(PlainText.of(path)) is no text in UTF-8.")
        }
        return text
    }
}
