import Postgres
import Shared

/// What a person did to a message, as the timeline shows it.
struct ActResource: Sendable {
    let at: Timestamp
    let actor: String
    let name: Act.Name
    let detail: JSONObject

    /// Nil for what is no act.
    init?(_ row: Row) throws {
        let text: String = try row.get("detail")
        guard let detail = try JSONValue(parsing: Array(text.utf8)).object,
            let name = detail["act"]?.string.flatMap({ Act.Name(rawValue: $0) })
        else { return nil }
        self.at = try row.get("at")
        self.actor = try row.get("actor")
        self.name = name
        self.detail = detail
    }

    /// The entry's type.
    var type: String {
        switch self.name {
        case .edit: "edited"
        case .cancel: "cancelled"
        case .retry: "retried"
        case .sendNow: "sent_now"
        case .resolve: "resolved"
        case .delete, .park, .resume, .check, .pause, .continue, .advanceClock: self.name.rawValue
        }
    }
}
