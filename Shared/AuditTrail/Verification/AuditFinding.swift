package import Shared

/// What is wrong with a trail.
package struct AuditFinding: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// There is no seal of this number, and there are later ones; or the one that was known is gone.
        case sealMissing = "seal-missing"
        /// The seal does not hold what it was made of, or does not follow the one before it.
        case sealChanged = "seal-changed"
        case lineChanged = "line-changed"
        case lineMissing = "line-missing"
        /// A line that no seal has, and that is not waiting for one: it did not come by the service.
        case lineAdded = "line-added"
        /// A line that claims to be older than it can be.
        case lineBackdated = "line-backdated"
        /// The detail of a line is gone, and no line says who was erased.
        case redactionUnexplained = "redaction-unexplained"
    }

    package let kind: Kind
    package let seal: Int?
    package let eventID: ID<AuditEvent>?

    package init(_ kind: Kind, seal: Int? = nil, _ eventID: ID<AuditEvent>? = nil) {
        self.kind = kind
        self.seal = seal
        self.eventID = eventID
    }

    package var json: JSONValue {
        [
            "kind": .string(self.kind.rawValue), "seal": self.seal.map { .number(JSONNumber($0)) } ?? .null,
            "event_id": .text(self.eventID),
        ]
    }
}
