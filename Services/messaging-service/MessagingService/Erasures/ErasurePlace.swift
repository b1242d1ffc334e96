import Shared

/// How far an erasure is in this service, in the order in which it goes.
enum ErasurePlace: Sendable, Equatable {
    /// `waits`: a worker has one of those before `after`, so that all of them are to be looked at again.
    case messages(after: MessageID?, waits: Bool)
    /// What is kept by conversation, customer or address.
    case places
    case recipients(after: EraseRecipients.Place?)
    case answers(after: String?)
    case archive(after: String?)

    /// As the other side keeps it for the next call.
    var cursor: String {
        let parts: JSONValue =
            switch self {
            case .messages(let last, let waits): ["messages", .text(last), .bool(waits)]
            case .places: ["places"]
            case .recipients(let last):
                ["recipients", .text(last?.broadcastID), .number(JSONNumber(last?.number ?? 0))]
            case .answers(let last): ["answers", .text(last)]
            case .archive(let last): ["archive", .text(last)]
            }
        return parts.text
    }

    /// - Throws: `Problem` `invalid-request` for what is no cursor of ours.
    init(cursor: String?) throws(Problem) {
        guard let cursor else {
            self = .messages(after: nil, waits: false)
            return
        }
        let parts = try? JSONValue(parsing: Array(cursor.utf8))
        let last = parts?[1]?.string
        switch parts?[0]?.string {
        case "messages": self = .messages(after: last.flatMap { MessageID($0) }, waits: parts?[2]?.bool ?? false)
        case "places": self = .places
        case "recipients":
            self = .recipients(
                after: last.flatMap { ID<Broadcast>($0) }.map { .init(broadcastID: $0, number: parts?[2]?.int ?? 0) }
            )
        case "answers": self = .answers(after: last)
        case "archive": self = .archive(after: last)
        default: throw .invalidRequest([.init(pointer: "/cursor", detail: "is no place of an erasure")])
        }
    }
}
