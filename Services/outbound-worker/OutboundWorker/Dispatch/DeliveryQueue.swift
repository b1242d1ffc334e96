import InternalAPI
import Shared

/// The work of messaging-service, as the worker sees it.
protocol DeliveryQueue: Sendable {
    /// Takes what is due, and waits when nothing is.
    func lease(_ request: MessagingAPI.LeaseRequest) async throws -> MessagingAPI.LeaseAnswer
    /// Gets the files of a mail.
    func attachments(of attempt: MessagingAPI.AttemptKey) async throws -> [AttachmentFile]
    /// Tells what became of leases; repeating it changes nothing.
    func report(_ told: MessagingAPI.OutcomeRequest) async throws
    /// Settles what the life before this one had leased; repeating it changes nothing.
    func recover(_ request: MessagingAPI.RecoveryRequest) async throws
    /// Passes on what the sandbox says about messages that it took; repeating it changes nothing.
    func apply(_ reports: [MessagingAPI.AccountReport]) async throws -> MessagingAPI.ReportAnswer
    /// Says that the worker lives.
    func heartbeat(_ beat: MessagingAPI.HeartbeatRequest) async throws -> MessagingAPI.HeartbeatAnswer
    /// Tells what providers said of credentials; repeating it changes nothing.
    func tell(_ findings: [MessagingAPI.CheckFinding]) async throws
    /// Tells a database that may have forgotten it what left; repeating it changes nothing.
    func replay(_ request: MessagingAPI.ReplayRequest) async throws
}

extension MessagingAPI: DeliveryQueue {}
