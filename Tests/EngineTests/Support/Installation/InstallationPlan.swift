/// Which of the two processes of messaging-service.
enum Replica: String, Sendable, CaseIterable {
    case a, b

    var name: String { "messaging-service-\(self.rawValue)" }
}

/// A worker, the host that it runs on, and the replica that it asks for work.
///
/// Workers of one host share a state directory, as in a deployment; another host knows nothing of it.
struct WorkerPlan: Sendable {
    let name: String
    let host: String
    let replica: Replica

    /// The first, third, … worker on one host and replica, the others on the other.
    static func number(_ number: Int) -> WorkerPlan {
        let replica: Replica = number % 2 == 1 ? .a : .b
        return WorkerPlan(name: "outbound-worker-\(number)", host: "host-\(replica.rawValue)", replica: replica)
    }
}

/// What differs between the installations of the tests.
struct InstallationPlan: Sendable {
    /// Workers that run from the start.
    var workers = 2
    /// Messages that a worker holds at once.
    var workerSlots = 64
    /// How long an uncertain message waits for evidence, in seconds; longer than the stub's callbacks need.
    var uncertainHold = 30
    /// Where traces go; nil for no traces.
    var collectorURL: String?
    /// What the services write down; `LOG_LEVEL` or `warning` unless told.
    var logLevel: String?
}
