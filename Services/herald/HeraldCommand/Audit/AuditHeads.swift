import Foundation
import Shared

/// The ends of the chains as they were noted: `{"heads": {"messages": "120:<hash>"}}`.
struct AuditHeads {
    private let heads: [(part: String, seal: String)]

    init(_ heads: [(part: String, seal: String)]) {
        self.heads = heads
    }

    /// None where there is no such file yet.
    init(readFrom path: String) throws(CommandFailure) {
        guard FileManager.default.fileExists(atPath: path) else {
            self.heads = []
            return
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .usage("The file \(PlainText.of(path)) can not be read.")
        }
        let members = (try? JSONValue(parsing: Array(data)))?["heads"]?.object?.members
        let heads = members?.compactMap { member in member.value.string.map { (part: member.name, seal: $0) } }
        guard let heads, heads.count == members?.count else {
            throw .usage("The file \(PlainText.of(path)) was not written by herald audit verify.")
        }
        self.heads = heads
    }

    var isEmpty: Bool { self.heads.isEmpty }

    /// As the API takes them.
    var text: String { self.heads.map { "\($0.part):\($0.seal)" }.joined(separator: ",") }

    /// Takes the place of what was noted before, or nothing does.
    func write(to path: String) throws(CommandFailure) {
        let json: JSONValue = ["heads": .object(members: self.heads.map { ($0.part, .string($0.seal)) })]
        do {
            try Data((json.text + "\n").utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .usage("The file \(PlainText.of(path)) can not be written.")
        }
    }
}
