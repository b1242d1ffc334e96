import Shared

/// What a column says of a customer.
enum ImportField: Hashable, Sendable {
    enum Profile: String, CaseIterable, Sendable {
        case name, language, timezone, guest
        case firstName = "first_name"
        case lastName = "last_name"
    }

    case profile(Profile)
    /// `phone`, `email`, `whatsapp`, `external`; several columns may be of one kind.
    case identity(kind: String)
    case groups
    case consent(channel: String, purpose: String)
    case field(String)
    /// Not taken over.
    case ignored

    /// How columns may be called, beside what is read below.
    private static let names: [String: ImportField] = [
        "name": .profile(.name), "full_name": .profile(.name), "fullname": .profile(.name),
        "first_name": .profile(.firstName), "firstname": .profile(.firstName), "given_name": .profile(.firstName),
        "last_name": .profile(.lastName), "lastname": .profile(.lastName), "surname": .profile(.lastName),
        "family_name": .profile(.lastName), "language": .profile(.language), "locale": .profile(.language),
        "timezone": .profile(.timezone), "time_zone": .profile(.timezone), "guest": .profile(.guest),
        "phone": .identity(kind: "phone"), "mobile": .identity(kind: "phone"), "telephone": .identity(kind: "phone"),
        "phone_number": .identity(kind: "phone"), "email": .identity(kind: "email"),
        "e_mail": .identity(kind: "email"), "email_address": .identity(kind: "email"),
        "whatsapp": .identity(kind: "whatsapp"), "external_id": .identity(kind: "external"),
        "group": .groups, "groups": .groups, "ignore": .ignored,
    ]

    /// What can be written after `--map COLUMN=`, and as a column's name.
    static let list = """
        name, first_name, last_name, phone, email, whatsapp, external_id, language, timezone, guest, groups, fields.NAME, \
        CHANNEL_marketing or CHANNEL_transactional (like sms_marketing), ignore
        """

    /// Reads a column's name, in capitals or not, with spaces, hyphens or underscores between its words; nil when it says nothing.
    init?(_ name: String) {
        let prefix = "fields."
        if name.lowercased().hasPrefix(prefix), name.count > prefix.count {
            // The name of a field is the organization's own, letter by letter.
            self = .field(String(name.dropFirst(prefix.count)))
            return
        }
        let plain = String(name.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
        if let known = Self.names[plain] {
            self = known
            return
        }
        let parts = plain.split(separator: "_")
        guard parts.count == 2, let channel = Channel(rawValue: String(parts[0])),
            parts[1] == "marketing" || parts[1] == "transactional"
        else { return nil }
        self = .consent(channel: channel.rawValue, purpose: String(parts[1]))
    }

    /// Whether only one column can say it.
    var isSingle: Bool {
        switch self {
        case .profile, .consent, .field: true
        case .identity, .groups, .ignored: false
        }
    }

    var isIdentity: Bool { if case .identity = self { true } else { false } }
}
