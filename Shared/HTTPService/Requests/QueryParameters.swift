import Foundation
package import Hummingbird
package import Shared

/// Reads the query of a request strictly: each name once, and only names that somebody asks for.
///
///     var query = QueryParameters(request)
///     let statuses = query.values("status", MessageStatus.self)
///     let page = query.page(of: orgID)
///     try query.finish()
package struct QueryParameters {
    /// Values in one filter: more than any enum has, less than a statement minds.
    private static let mostValues = 200

    private var parameters: [(name: String, value: String)] = []
    private var isRead: [Bool] = []
    private var violations: [Problem.Violation] = []

    package init(_ request: Request) {
        for (name, value) in request.uri.queryParameters {
            // Hummingbird decodes the values only.
            self.parameters.append((name.removingPercentEncoding ?? String(name), String(value)))
        }
        self.isRead = Array(repeating: false, count: self.parameters.count)
    }

    /// Ends the reading.
    ///
    /// - Throws: `Problem` `invalid-query` (400) with every violation, unknown parameters included.
    package mutating func finish() throws(Problem) {
        for (index, parameter) in self.parameters.enumerated() where !self.isRead[index] {
            self.violation(at: String(parameter.name.prefix(100)), "is not a parameter of this list")
        }
        guard self.violations.isEmpty else {
            throw Problem(
                code: "invalid-query",
                status: 400,
                title: "The query has parameters that are not valid.",
                detail: self.violations.first.map { "\($0.pointer) \($0.detail)." },
                violations: self.violations
            )
        }
    }

    package mutating func violation(at name: String, _ detail: String) {
        guard self.violations.count < 50 else { return }
        self.violations.append(.init(pointer: "?\(name)", detail: detail))
    }

    /// The text of one parameter; `length` counts Unicode scalars.
    package mutating func string(_ name: String, _ length: ClosedRange<Int> = 1...500) -> String? {
        var found: String?
        for (index, parameter) in self.parameters.enumerated() where parameter.name == name {
            if found != nil { self.violation(at: name, "must stand once; several values have commas between them") }
            found = parameter.value
            self.isRead[index] = true
        }
        guard let found else { return nil }
        guard length.contains(found.unicodeScalars.count), !found.unicodeScalars.contains("\0") else {
            self.violation(at: name, "must have \(length.lowerBound) to \(length.upperBound) characters")
            return nil
        }
        return found
    }

    /// The parameters whose names begin with `prefix`, in their order, by the rest of their names; `count` of them at most.
    package mutating func strings(_ prefix: String, atMost count: Int) -> [(name: String, value: String)] {
        let names = self.parameters.map(\.name).filter { $0.hasPrefix(prefix) && $0.utf8.count > prefix.utf8.count }
        if names.count > count { self.violation(at: prefix, "can stand \(count) times at most") }
        return names.prefix(count).compactMap { name in
            self.string(name).map { (String(name.dropFirst(prefix.count)), $0) }
        }
    }

    package mutating func int(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        self.read(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)") { text in
            let isPlain = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == 0x2D }
            return isPlain ? Int(text).flatMap { range.contains($0) ? $0 : nil } : nil
        }
    }

    package mutating func bool(_ name: String) -> Bool? {
        self.read(name, "must be true or false") { Bool($0) }
    }

    package mutating func id<Entity>(_ name: String, of type: Entity.Type) -> ID<Entity>? {
        self.read(name, "must be an id: a UUID of 36 characters") { ID<Entity>($0) }
    }

    package mutating func timestamp(_ name: String) -> Timestamp? {
        self.read(name, "must be a time with a zone, like 2026-12-01T09:00:00Z (a + is written %2B)") { Timestamp($0) }
    }

    /// Several values of an enum, with commas between them; nil when the parameter is absent.
    package mutating func values<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Value.Type
    ) -> [Value]? {
        let choices = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return self.read(name, "must be one or several, with commas between them, of \(choices)") { text in
            Self.parts(text)?.all { Value(rawValue: $0) }
        }
    }

    /// Several ids, with commas between them; nil when the parameter is absent.
    package mutating func ids<Entity>(_ name: String, of type: Entity.Type) -> [ID<Entity>]? {
        self.read(name, "must be one or several ids, with commas between them") { text in
            Self.parts(text)?.all { ID<Entity>($0) }
        }
    }

    mutating func read<Value>(_ name: String, _ detail: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = self.string(name, 1...8000) else { return nil }
        guard let value = parse(text) else {
            self.violation(at: name, detail)
            return nil
        }
        return value
    }

    private static func parts(_ text: String) -> [String]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return parts.count <= Self.mostValues ? parts : nil
    }
}

extension [String] {
    /// Every element through `parse`; nil when one of them is nil.
    fileprivate func all<Value>(_ parse: (String) -> Value?) -> [Value]? {
        let values = self.compactMap(parse)
        return values.count == self.count ? values : nil
    }
}
