import Shared

/// A customer for a person.
enum CustomerText {
    /// The members, one to a line, and after them the addresses.
    static func of(_ customer: JSONValue) -> String {
        let identities = customer["identities"]?.array ?? []
        let addresses = identities.map { identity in
            let kind = identity["kind"].map(CellText.of) ?? ""
            return kind + "  " + (identity["value"].map(CellText.of) ?? "") + "\n"
        }
        let members = KeyValueList.text(customer, hiding: ["identities"])
        return addresses.isEmpty ? members : members + "\n" + addresses.joined()
    }

    /// The addresses on one line, for a table.
    static func addresses(_ customer: JSONValue) -> String {
        let texts = (customer["identities"]?.array ?? []).compactMap { $0["value"].map(CellText.of) }
        return texts.isEmpty ? "-" : texts.joined(separator: ", ")
    }
}
