import Foundation
import Subprocess
import TestSupport
import Testing

/// Looks for a person in what is kept: databases, files and logs, in every form in which a text may stand there.
struct Traces: Sendable {
    /// By the needle's own words, so that a failure tells what was found and how.
    private let forms: [(name: String, bytes: [UInt8])]

    init(_ needles: [String]) {
        self.forms = needles.flatMap(Self.forms)
    }

    /// Those that are in `haystack`, or in what stands in it as `bytea` or base64.
    func found(in haystack: [UInt8]) -> [String] {
        let everything = haystack + Self.decodedHex(in: haystack)
        return self.forms.filter { everything.contains($0.bytes) }.map(\.name)
    }

    private static func forms(of needle: String) -> [(name: String, bytes: [UInt8])] {
        let plain = Array(needle.utf8)
        let escaped = needle.unicodeScalars.map { scalar in
            scalar.isASCII ? String(scalar) : "\\u" + String(scalar.value + 0x10000, radix: 16).dropFirst()
        }.joined()
        let encoded = needle.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? needle
        let form = encoded.replacing("%20", with: "+")
        var forms = [needle, escaped, encoded, form, form.lowercased(), needle.uppercased(), needle.lowercased()]
            .map { (name: "\(needle) as \($0)", bytes: Array($0.utf8)) }
        for offset in 0..<3 {
            // What stands before it decides about the first digit, what stands behind it about the last.
            let padded = Data([UInt8](repeating: 0, count: offset) + plain)
            let base64 = padded.base64EncodedString().prefix { $0 != "=" }
            let digits = base64.dropFirst(offset == 0 ? 0 : offset + 1).dropLast()
            forms.append(("\(needle) in base64 at \(offset)", Array(digits.utf8)))
        }
        return forms
    }

    /// The bytes of each `\x…` of a dump.
    private static func decodedHex(in haystack: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = haystack[...]
        while let place = rest.firstRange(of: "\\x".utf8) {
            rest = rest[place.upperBound...]
            let digits = rest.prefix { $0.hexDigit != nil }
            var pairs = digits.makeIterator()
            while let high = pairs.next()?.hexDigit, let low = pairs.next()?.hexDigit {
                decoded.append(high << 4 | low)
            }
            rest = rest.dropFirst(digits.count)
            decoded.append(UInt8(ascii: "\n"))
        }
        return decoded
    }
}

extension UInt8 {
    fileprivate var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension Platform {
    /// A database as a backup has it, or one table of it.
    func dump(of role: String, table: String? = nil) async throws -> [UInt8] {
        let tables = table.map { ["--table", $0] } ?? []
        let result = try await run(
            .name("pg_dump"),
            arguments: Arguments(["--data-only", "--dbname", self.superuserURL(of: role)] + tables),
            output: .bytes(limit: 1 << 28),
            error: .string(limit: 1 << 16)
        )
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
        return result.standardOutput
    }

    /// Puts a database back to what a dump has.
    func restore(_ dump: [UInt8], of role: String) async throws {
        let script =
            """
            SET session_replication_role = replica;
            DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('%I', relname), ', ') FROM pg_class
              WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace); END $$;

            """
        let result = try await run(
            .name("psql"),
            // The services go on meanwhile: they are not to come between what goes and what comes.
            arguments: Arguments([
                "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1", "--dbname", self.superuserURL(of: role),
            ]),
            input: .array(Array(script.utf8) + dump),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
    }

    /// Without row-level security.
    private func superuserURL(of role: String) -> String {
        (self.settings.databases[role] ?? "").replacing("user=\(role)", with: "user=postgres")
    }

    static let roles = ["gateway", "inbound", "customers", "conversations", "messaging"]

    /// All databases, and the worker's files.
    func everythingKept() async throws -> [(place: String, bytes: [UInt8])] {
        var kept: [(String, [UInt8])] = []
        for role in Self.roles { kept.append((role, try await self.dump(of: role))) }
        return kept + self.files()
    }

    /// The databases at once, the worker's journal as soon as it is tidied.
    func expectNoTrace(_ traces: Traces) async throws {
        for role in Self.roles { #expect(traces.found(in: try await self.dump(of: role)) == [], "\(role)") }
        try await eventually { self.files().allSatisfy { traces.found(in: $0.bytes).isEmpty } }
    }

    private func files() -> [(place: String, bytes: [UInt8])] {
        let paths = FileManager.default.enumerator(atPath: self.settings.stateDirectory)?.allObjects ?? []
        return paths.compactMap { $0 as? String }.map { path in
            let content = FileManager.default.contents(atPath: "\(self.settings.stateDirectory)/\(path)")
            return (path, Array(path.utf8) + (content.map { Array($0) } ?? []))
        }
    }
}
