import Shared

/// What a group is called.
enum GroupName {
    static let characters = 1...100

    /// Reads the groups of a customer, by name, each once; nil where the body has none.
    static func read(_ fields: inout JSONFields) -> [String]? {
        guard let names = fields.strings("groups", 0...NewCustomer.mostGroups, Self.characters) else { return nil }
        for (index, name) in names.enumerated() where name.hasControlCharacters {
            fields.violation(at: "groups/\(index)", "must not have control characters")
        }
        return Array(Set(names)).sorted()
    }
}
