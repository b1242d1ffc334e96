package import Shared

/// A key that somebody asks for, within what its maker may give.
package struct NewKey: Sendable {
    package let name: String
    package let scopes: Scopes
    package let mode: KeyMode
    package let expiresAt: Timestamp?
    /// Beside its organization's; nil for none of its own.
    package let rateLimit: RateLimit?
}

extension NewKey {
    /// Reads the body of `POST /keys`; scopes, mode, end and limit that are left out are the maker's.
    ///
    /// - Throws: `Problem` `invalid-request` (422) with every violation; `key-exceeds-maker` (403).
    package init(_ body: JSONValue, madeBy maker: Tenancy, now: Timestamp) throws(Problem) {
        var fields = JSONFields(body, at: "")
        let name = fields.requiredString("name", 1...200)
        fields.refuseControlCharacters(in: name, at: "name")
        let scopes = Self.scopes(&fields)
        let mode = fields.oneOf("mode", KeyMode.self)
        let expiresAt = fields.timestamp("expires_at")
        if let expiresAt, expiresAt <= now { fields.violation(at: "expires_at", "must be in the future") }
        let rateLimit = fields.rateLimit()
        try fields.finish()
        self.name = name
        self.scopes = scopes ?? maker.scopes
        self.mode = mode ?? maker.keyMode
        self.expiresAt = expiresAt ?? maker.expiresAt
        self.rateLimit = rateLimit ?? maker.rateLimit
        try self.check(within: maker)
    }

    private static func scopes(_ fields: inout JSONFields) -> Scopes? {
        guard let names = fields.strings("scopes", 1...50, 1...50) else { return nil }
        let choices = Scope.allCases.map(\.rawValue).joined(separator: ", ")
        var scopes: [Scope] = []
        for (index, name) in names.enumerated() {
            guard let scope = Scope(rawValue: name) else {
                fields.violation(at: "scopes/\(index)", "must be one of \(choices)")
                continue
            }
            scopes.append(scope)
        }
        return Scopes(scopes)
    }

    /// - Throws: `Problem` `key-exceeds-maker` (403).
    func check(within maker: Tenancy) throws(Problem) {
        let lacking = maker.scopes.lacking(self.scopes)
        if !lacking.isEmpty {
            throw .keyExceedsMaker("It lacks \(lacking.map(\.rawValue).joined(separator: ", ")).")
        }
        if maker.keyMode == .test, self.mode == .live {
            throw .keyExceedsMaker("A test key makes test keys only.")
        }
        if let end = maker.expiresAt, self.expiresAt.map({ $0 > end }) ?? true {
            throw .keyExceedsMaker("It ends at \(end), and so does every key it makes, or earlier.")
        }
        try Self.check(self.rateLimit, within: maker)
    }

    /// A key with a limit gives no greater one.
    static func check(_ limit: RateLimit?, within maker: Tenancy) throws(Problem) {
        guard let own = maker.rateLimit else { return }
        guard let limit, limit.isWithin(own) else {
            throw .keyExceedsMaker("Its limit is \(own.perSecond) a second and \(own.burst) at once.")
        }
    }
}

extension Problem {
    fileprivate static func keyExceedsMaker(_ detail: String) -> Problem {
        Problem(
            code: "key-exceeds-maker",
            status: 403,
            title: "A key can not give what it does not have.",
            detail: detail
        )
    }
}
