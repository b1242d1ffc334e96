import Shared

/// The `contacts` of a payload, found by how a message names its sender.
///
/// By a dictionary, since a payload may have thousands of both.
struct WhatsAppContacts {
    private let byPhone: [String: JSONValue]
    private let byUserID: [String: JSONValue]

    init(_ contacts: [JSONValue]) {
        self.byPhone = Self.index(contacts, by: "wa_id")
        self.byUserID = Self.index(contacts, by: "user_id")
    }

    private static func index(_ contacts: [JSONValue], by name: String) -> [String: JSONValue] {
        let named = contacts.compactMap { contact in contact[name]?.string.map { ($0, contact) } }
        return Dictionary(named, uniquingKeysWith: { first, _ in first })
    }

    /// By phone number, or by user id where the sender shows no number.
    func sender(of message: JSONValue) -> JSONValue? {
        message["from"]?.string.flatMap { self.byPhone[$0] }
            ?? message["from_user_id"]?.string.flatMap { self.byUserID[$0] }
    }
}
