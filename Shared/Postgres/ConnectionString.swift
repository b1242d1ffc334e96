import CLibPQ

/// What libpq reads in a connection string.
enum ConnectionString {
    /// Returns the string's `options`, if it has any.
    ///
    /// What libpq says about a malformed string quotes parts of it, the password perhaps: none of it is passed on.
    static func options(of url: String) throws(PostgresError) -> String? {
        guard Self.hasOneAuthority(url) else { throw Self.malformed }
        let parsed = unsafe PQconninfoParse(url, nil)
        guard let first = unsafe parsed else { throw Self.malformed }
        defer { unsafe PQconninfoFree(first) }
        var option = unsafe first
        while let keyword = unsafe option.pointee.keyword {
            if unsafe String(cString: keyword) == "options" {
                return unsafe option.pointee.val.map { unsafe String(cString: $0) }
            }
            unsafe option += 1
        }
        return nil
    }

    private static let malformed = PostgresError.unavailable(
        "the connection string is malformed: write libpq keywords (host=… dbname=…) or a postgresql:// URI,"
            + " in which special characters of the password are percent-encoded"
    )

    /// A raw `@` or `/` in the password would make libpq take the rest of it for the host, and name that in its message.
    private static func hasOneAuthority(_ url: String) -> Bool {
        guard let scheme = url.firstRange(of: "://"), url.hasPrefix("postgres") else { return true }
        let rest = url[scheme.upperBound...].prefix { $0 != "?" }
        let parts = rest.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 1 || parts.count == 2 && !parts[0].contains("/")
    }
}
