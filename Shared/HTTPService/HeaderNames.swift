package import HTTPTypes
import Shared

// Literal names are valid for certain.
// swift-format-ignore: NeverForceUnwrap
extension HTTPField.Name {
    package static let requestID = Self("X-Request-Id")!
    package static let traceParent = Self("traceparent")!
    package static let idempotencyKey = Self("Idempotency-Key")!
    package static let idempotencyReplayed = Self("Idempotency-Replayed")!
    static let heraldOrg = Self(InternalHeader.org)!
    static let heraldActor = Self(InternalHeader.actor)!
    static let heraldMode = Self(InternalHeader.mode)!
    static let heraldRegion = Self(InternalHeader.region)!
    static let heraldClient = Self(InternalHeader.client)!
    static let heraldScheduleLead = Self(InternalHeader.scheduleLead)!
}
