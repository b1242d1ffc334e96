import Secrets
import Shared

/// Finds a customer's addresses in what providers wrote, by their hashes alone.
struct AddressFinder: Sendable {
    private let marks: AddressMarks
    private let orgID: OrgID
    private let wanted: Set<String>

    init(_ wanted: [String], marks: AddressMarks, of orgID: OrgID) {
        (self.wanted, self.marks, self.orgID) = (Set(wanted), marks, orgID)
    }

    func isTheirs(_ address: Address) -> Bool { self.isWanted(address.value) }

    /// Whether a whole value is one of the addresses, in the forms in which providers write them.
    func isTheirs(_ text: String) -> Bool {
        guard Address.bytes.contains(text.utf8.count) else { return false }
        return self.forms(of: text).contains(where: self.isWanted)
    }

    private func isWanted(_ value: String) -> Bool {
        self.marks.all(of: value, self.orgID).contains(where: self.wanted.contains)
    }

    /// WhatsApp's numbers have no `+`, Twilio's WhatsApp senders a prefix, and mailboxes names.
    private func forms(of text: String) -> [String] {
        var forms = [text]
        let number = text.hasPrefix("whatsapp:") ? String(text.dropFirst("whatsapp:".count)) : text
        if number != text { forms.append(number) }
        if (7...15).contains(number.utf8.count), number.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            forms.append("+\(number)")
        }
        guard text.contains("@") else { return forms }
        let inBrackets = text.split(separator: "<").last?.prefix { $0 != ">" }
        for mailbox in [text[...], inBrackets ?? ""] {
            if let email = try? Address(String(mailbox), for: .email) { forms.append(email.value) }
        }
        return forms
    }
}

extension AddressFinder {
    /// What is left of a JSON value without what is theirs; nil when it all is.
    ///
    /// Of a list of things those go that name an address themselves; what names one outside a list goes as a whole.
    func left(of value: JSONValue) -> JSONValue? {
        switch value {
        case .null, .bool: return value
        // Not `nil` alone, which would be JSON's null.
        case .number(let number): return self.isTheirs(number.text) ? JSONValue?.none : value
        case .string(let text): return self.isTheirs(text) ? JSONValue?.none : value
        case .array(let elements):
            var left: [JSONValue] = []
            for element in elements {
                if let rest = self.left(of: element) {
                    left.append(rest)
                } else if element.object == nil {
                    return JSONValue?.none
                }
            }
            return .array(left)
        case .object(let object):
            var left: [JSONObject.Member] = []
            for member in object.members {
                guard let rest = self.left(of: member.value) else { return JSONValue?.none }
                left.append(JSONObject.Member(name: member.name, value: rest))
            }
            return .object(JSONObject(distinct: left))
        }
    }
}
