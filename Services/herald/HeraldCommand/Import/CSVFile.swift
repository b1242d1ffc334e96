import Foundation

/// A CSV file, read part by part.
struct CSVFile: ~Copyable {
    private static let partBytes = 256 * 1024
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Bytes in all; 0 where that can not be told.
    let size: Int
    /// Bytes so far.
    private(set) var read = 0
    private let handle: FileHandle
    private var parser: CSVParser
    private var part: Data
    private var waiting: [CSVRecord] = []
    private var next = 0
    private var isOver = false

    /// - Throws: `CommandFailure` when it can not be read.
    init(_ path: String) throws(CommandFailure) {
        let handle: FileHandle
        let start: Data
        do {
            handle = try FileHandle(forReadingFrom: URL(filePath: path))
            start = try handle.read(upToCount: Self.partBytes) ?? Data()
        } catch {
            throw .usage("The file \(PlainText.of(path)) can not be read.")
        }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        self.size = (attributes?[.size] as? Int) ?? 0
        self.read = start.count
        self.handle = handle
        self.part = start.starts(with: Self.byteOrderMark) ? start.dropFirst(Self.byteOrderMark.count) : start
        self.parser = CSVParser(delimiter: Self.delimiter(of: start))
    }

    /// The record after the last one; nil at the end.
    mutating func record() throws(CommandFailure) -> CSVRecord? {
        while self.next == self.waiting.count {
            guard !self.isOver else { return nil }
            self.waiting.removeAll(keepingCapacity: true)
            self.next = 0
            try self.readOn()
        }
        defer { self.next += 1 }
        return self.waiting[self.next]
    }

    private mutating func readOn() throws(CommandFailure) {
        var records: [CSVRecord] = []
        if self.part.isEmpty {
            self.isOver = true
            self.parser.finish { records.append($0) }
        } else {
            self.parser.feed(self.part) { records.append($0) }
            do {
                self.part = try self.handle.read(upToCount: Self.partBytes) ?? Data()
            } catch {
                throw .usage("The file can not be read on after \(self.read) bytes.")
            }
            self.read += self.part.count
        }
        self.waiting = records
    }

    /// What stands most often between the names of the first line: a comma, a semicolon or a tab.
    private static func delimiter(of start: Data) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in start {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard !isQuoted else { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
            counts[byte, default: 0] += 1
        }
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        return candidates.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? UInt8(ascii: ",")
    }
}
