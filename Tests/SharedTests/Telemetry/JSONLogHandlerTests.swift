import Logging
import Shared
import Synchronization
import Telemetry
import Testing

@Suite struct JSONLogHandlerTests {
    private func line(_ message: String, _ metadata: Logger.Metadata = [:]) throws -> JSONValue {
        let lines = Lines()
        let logger = Logger(label: "test") { JSONLogHandler(label: $0) { lines.add($0) } }
        logger.info("\(message)", metadata: metadata)
        let line = try #require(lines.all.first)
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(line.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        return try JSONValue(parsing: Array(line.dropLast()))
    }

    @Test func aLineSaysWhenWhereAndWhat() throws {
        let line = try self.line("hello", ["hb.request.id": "r1", "n": "2"])
        #expect(line["message"]?.string == "hello")
        #expect(line["logger"]?.string == "test")
        #expect(line["level"]?.string == "info")
        #expect(line["request_id"]?.string == "r1")
        #expect(line["n"]?.string == "2")
        #expect(line["time"]?.string.flatMap { Timestamp($0) } != nil)
    }

    @Test func nobodyCanForgeALine() throws {
        let line = try self.line("x", ["v": "a\n{\"level\":\"info\"}\u{1B}[31m\u{9B}\u{2028}"])
        #expect(line["v"]?.string == "a\n{\"level\":\"info\"}\u{1B}[31m\u{9B}\u{2028}")
    }

    @Test func aValueIsCut() throws {
        let line = try self.line("x", ["v": "\(String(repeating: "é", count: 600_000))"])
        let value = try #require(line["v"]?.string)
        #expect(value.utf8.count == 8 * 1024 + 3)
        #expect(value.hasSuffix("é…"))
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[[UInt8]]>([])

    var all: [[UInt8]] { self.lines.withLock { $0 } }

    func add(_ line: [UInt8]) {
        self.lines.withLock { $0.append(line) }
    }
}
