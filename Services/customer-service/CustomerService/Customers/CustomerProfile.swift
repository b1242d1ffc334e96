import Foundation
import Postgres
import Shared

/// What an organization knows of a customer, apart from addresses and groups.
struct CustomerProfile: Sendable, Equatable {
    var name: String?
    /// When the customer called themself so, and in which event; nil where the organization gave the name.
    var nameSeenAt: Timestamp?
    var nameEventKey: String?
    var firstName: String?
    /// An IANA name, like `Europe/Berlin`.
    var timezone: String?
    /// A BCP 47 tag, like `pt-BR`.
    var language: String?
    var isGuest = false
    var fields = JSONObject()
}

extension CustomerProfile {
    /// Takes over what a request says; `null` removes, what it does not name stays.
    mutating func take(_ body: inout JSONFields) {
        if body.isPresent("name") {
            (self.name, self.nameSeenAt, self.nameEventKey) = (body.line("name", 1...200), nil, nil)
        }
        if body.isPresent("first_name") { self.firstName = body.line("first_name", 1...200) }
        if body.isPresent("timezone") { self.timezone = Self.timezone(&body) }
        if body.isPresent("language") { self.language = Self.language(&body) }
        if body.isPresent("guest") { self.isGuest = body.bool("guest") ?? false }
        guard body.isPresent("fields"), let changes = CustomerFields.read(&body) else { return }
        if let merged = CustomerFields.merge(changes, into: self.fields) {
            self.fields = merged
        } else {
            body.violation(at: "fields", "\(CustomerFields.rule), together with those that are there")
        }
    }

    private static let timezones = Set(TimeZone.knownTimeZoneIdentifiers).union(["UTC", "Etc/UTC"])

    private static func timezone(_ body: inout JSONFields) -> String? {
        guard let name = body.string("timezone", 1...100) else { return nil }
        guard self.timezones.contains(name) else {
            body.violation(at: "timezone", "must be the IANA name of a time zone, like Europe/Berlin")
            return nil
        }
        return name
    }

    /// Well-formed by RFC 5646, section 2.1: a language of 2 to 8 letters, then subtags of 1 to 8 letters and digits.
    private static func language(_ body: inout JSONFields) -> String? {
        guard let tag = body.string("language", 2...35) else { return nil }
        let subtags = tag.split(separator: "-", omittingEmptySubsequences: false)
        let isWellFormed = subtags.enumerated().allSatisfy { index, subtag in
            (index == 0 ? 2...8 : 1...8).contains(subtag.utf8.count)
                && subtag.utf8.allSatisfy { Self.isLetter($0) || (index > 0 && (0x30...0x39).contains($0)) }
        }
        guard isWellFormed else {
            body.violation(at: "language", "must be a BCP 47 language tag, like en or pt-BR")
            return nil
        }
        return tag
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}

extension CustomerProfile {
    /// Reads the columns of `customers`.
    init(_ row: Row) throws(PostgresError) {
        self.init(
            name: try row.getIfPresent("name"),
            nameSeenAt: try row.getIfPresent("name_seen_at"),
            nameEventKey: try row.getIfPresent("name_event_key"),
            firstName: try row.getIfPresent("first_name"),
            timezone: try row.getIfPresent("timezone"),
            language: try row.getIfPresent("language"),
            isGuest: try row.get("is_guest"),
            fields: try Self.fields(in: row)
        )
    }

    private static func fields(in row: Row) throws(PostgresError) -> JSONObject {
        let text: String = try row.get("fields")
        guard let fields = try? JSONValue(parsing: Array(text.utf8)).object else {
            throw .decoding(column: "fields", type: "JSONObject")
        }
        return fields
    }
}
