package import Shared

/// What a person does, for the trail and the timeline.
package struct Act: Sendable {
    package enum Name: String, Sendable, CaseIterable {
        case edit, cancel, retry, resolve, delete, park, resume, check, pause
        case sendNow = "send-now"
        case `continue`
        case advanceClock = "advance-clock"
    }

    package let name: Name
    /// `key:<id>`, `operator`.
    package let actor: String
    package let requestID: String?
    /// JSON without secrets, addresses or message text.
    package let detail: JSONObject

    package init(_ name: Name, by actor: String, requestID: String?, detail: JSONObject = [:]) {
        self.name = name
        self.actor = actor
        self.requestID = requestID
        self.detail = detail
    }
}
