import Foundation
import Postgres
import Shared

extension SendingRules {
    /// Reads the column `rules` of `org_settings`; NULL, also where there is no row, are the ordinary ones.
    init(_ row: Row) throws {
        let text: String? = try row.getIfPresent("rules")
        self = try text.map { try JSONDecoder().decode(SendingRules.self, from: Data($0.utf8)) } ?? SendingRules()
    }

    /// As it is stored; nil for the ordinary ones.
    var stored: String? {
        guard self != SendingRules() else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }
}
