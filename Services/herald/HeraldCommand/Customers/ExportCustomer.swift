import ArgumentParser
import Foundation
import Shared

/// `herald customers export`.
struct ExportCustomer: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write all that is kept of a customer, as one JSON document.",
        discussion: """
            From every service: who they are, what they want, conversations, messages with attempts, what they wrote. It \
            may be long, and is written while it comes. The exit code is 1 when it ended before it was whole.

            Examples:
              herald customers export 019aa5e0-0000-7000-8000-000000000000 > customer.json
              herald customers export 019aa5e0-0000-7000-8000-000000000000 --to customer.json
            """
    )

    /// How a whole document ends.
    private static let end = #""complete":true}"#

    @Argument(help: "The customer's id.")
    var id: String

    @Option(help: .init("A new file in the place of standard output.", valueName: "path"))
    var to: String?

    @OptionGroup var org: OrgOption

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let request = APIRequest.get("/api/v1/customers/\(APIRequest.encode(self.id))/export")
        var tail: [UInt8] = []
        if let to = self.to {
            let file = try Self.newFile(to)
            try await client.stream(request) { bytes in
                tail = Array((tail + bytes).suffix(Self.end.utf8.count))
                do {
                    try file.write(contentsOf: bytes)
                } catch {
                    throw CommandFailure.usage("The file \(PlainText.of(to)) can not be written.")
                }
            }
            try file.close()
        } else {
            var rest: [UInt8] = []
            try await client.stream(request) { bytes in
                tail = Array((tail + bytes).suffix(Self.end.utf8.count))
                rest += bytes
                // A character may be cut in two between two parts.
                let whole = rest.count - Self.cutCharacter(rest)
                session.context.write(String(decoding: rest.prefix(whole), as: UTF8.self))
                rest.removeFirst(whole)
            }
            session.context.write("\n")
        }
        guard tail.elementsEqual(Self.end.utf8) else {
            throw CommandFailure.foreign("The document ended before it was whole: ask again.")
        }
    }

    /// Readable by its owner alone; one that is there is not overwritten.
    private static func newFile(_ path: String) throws(CommandFailure) -> FileHandle {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .usage("The file \(PlainText.of(path)) can not be made; is it there already?")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Bytes at the end that are the beginning of a character.
    static func cutCharacter(_ bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let byte = bytes[bytes.count - count]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            return length > count ? count : 0
        }
        return 0
    }
}
