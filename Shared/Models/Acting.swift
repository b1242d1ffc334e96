/// Whether a key sends for real.
package enum KeyMode: String, Sendable, CaseIterable, Codable, Hashable {
    case live
    /// Everything goes to the sandbox.
    case test
}

/// For whom, and as whom, one service calls another.
package struct Acting: Sendable, Hashable {
    package let orgID: OrgID
    /// For the audit trail: `key:<id>`, `operator`, `worker:<id>`; 1 to 200 printable ASCII characters.
    package let actor: String
    package let mode: KeyMode
    /// Where telephone numbers without `+` belong; nil when the organization has not said it.
    package let defaultRegion: PhoneRegion?
    /// How long before its time a message must be scheduled, at least; the organization's setting.
    package let scheduleLead: Duration

    package init(
        orgID: OrgID,
        actor: String,
        mode: KeyMode,
        defaultRegion: PhoneRegion? = nil,
        scheduleLead: Duration = .zero
    ) {
        self.orgID = orgID
        self.actor = actor
        self.mode = mode
        self.defaultRegion = defaultRegion
        self.scheduleLead = scheduleLead
    }
}

/// The services, as they name themselves in tokens and logs.
package enum ServiceName: String, Sendable, CaseIterable, Codable, Hashable {
    case apiGateway = "api-gateway"
    case inboundGateway = "inbound-gateway"
    case customerService = "customer-service"
    case conversationService = "conversation-service"
    case messagingService = "messaging-service"
    case outboundWorker = "outbound-worker"
}

/// The headers of calls between services.
package enum InternalHeader {
    package static let org = "herald-org"
    package static let actor = "herald-actor"
    package static let mode = "herald-mode"
    package static let region = "herald-region"
    /// Whole minutes.
    package static let scheduleLead = "herald-schedule-lead"
    /// The address of the client that the gateway answers.
    package static let client = "herald-client"
    package static let requestID = "x-request-id"
    package static let traceParent = "traceparent"
}
