/// What a key may do; `*` is everything an organization can do.
package enum Scope: String, Sendable, CaseIterable, Hashable {
    case all = "*"
    case messagesRead = "messages:read"
    case messagesWrite = "messages:write"
    case accountsRead = "accounts:read"
    case accountsWrite = "accounts:write"
    case conversationsRead = "conversations:read"
    case conversationsWrite = "conversations:write"
    case customersRead = "customers:read"
    case customersWrite = "customers:write"
    case customersExport = "customers:export"
    case customersErase = "customers:erase"
    case templatesRead = "templates:read"
    case templatesWrite = "templates:write"
    case broadcastsRead = "broadcasts:read"
    case broadcastsWrite = "broadcasts:write"
    case webhooksRead = "webhooks:read"
    case webhooksWrite = "webhooks:write"
    case orgRead = "org:read"
    case orgWrite = "org:write"
    case keysRead = "keys:read"
    case keysWrite = "keys:write"
    case auditRead = "audit:read"
    case statsRead = "stats:read"
    case queueWrite = "queue:write"
}

/// The scopes of one key.
package struct Scopes: Sendable, Equatable {
    private let scopes: Set<Scope>

    package init(_ scopes: some Sequence<Scope>) {
        self.scopes = Set(scopes)
    }

    package static let everything = Scopes([.all])

    package func allows(_ scope: Scope) -> Bool { self.scopes.contains(.all) || self.scopes.contains(scope) }

    /// In the order in which they are declared, as they are stored and shown.
    package var names: [String] { Scope.allCases.filter(self.scopes.contains).map(\.rawValue) }

    /// Those of `others` that are not allowed here.
    package func lacking(_ others: Scopes) -> [Scope] {
        Scope.allCases.filter { others.scopes.contains($0) && !self.allows($0) }
    }
}
