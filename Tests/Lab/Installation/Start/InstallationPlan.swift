/// Which of the two processes of messaging-service.
package enum Replica: String, Sendable, CaseIterable {
    case a, b

    package var name: String { "messaging-service-\(self.rawValue)" }
}

/// A worker, the host that it runs on, and the replica that it asks for work.
///
/// Workers of one host share a state directory, as in a deployment; another host knows nothing of it.
package struct WorkerPlan: Sendable {
    package let name: String
    package let host: String
    package let replica: Replica

    package init(name: String, host: String, replica: Replica) {
        self.name = name
        self.host = host
        self.replica = replica
    }

    /// The first, third, … worker on one host and replica, the others on the other.
    package static func number(_ number: Int) -> WorkerPlan {
        let replica: Replica = number % 2 == 1 ? .a : .b
        return WorkerPlan(name: "outbound-worker-\(number)", host: "host-\(replica.rawValue)", replica: replica)
    }
}

/// A way from one program to another, or to the provider.
package struct Way: Sendable, Hashable, CustomStringConvertible {
    package let from: String
    package let to: String

    package init(from: String, to: String) {
        (self.from, self.to) = (from, to)
    }

    package var description: String { "\(self.from)->\(self.to)" }
}

/// What differs between installations.
package struct InstallationPlan: Sendable {
    /// Workers that run from the start.
    package var workers: Int
    /// Messages that a worker holds at once.
    package var workerSlots: Int
    /// How long an uncertain message waits for evidence, in seconds; longer than the stub's callbacks need.
    package var uncertainHold: Int
    /// Where traces go; nil for no traces.
    package var collectorURL: String?
    /// What the services write down; `LOG_LEVEL` or `warning` unless told.
    package var logLevel: String?
    /// The processes of messaging-service.
    ///
    /// Workers of one that does not run ask replica A.
    package var replicas = Replica.allCases
    package var programs = Programs.current
    /// For logs and the workers' state, and kept afterwards; a temporary one that goes unless told.
    package var folder: String?
    /// Settings of all programs, beside those that every installation has.
    package var settings: [String: String] = [:]
    /// Settings of single programs, by the program's name.
    package var settingsOf: [String: [String: String]] = [:]

    /// Where a program reaches what listens on a port: something may stand between them.
    package var route: @Sendable (Way, Int) async throws -> Int = { _, port in port }

    package init(
        workers: Int = 2,
        workerSlots: Int = 64,
        uncertainHold: Int = 30,
        collectorURL: String? = nil,
        logLevel: String? = nil
    ) {
        self.workers = workers
        self.workerSlots = workerSlots
        self.uncertainHold = uncertainHold
        self.collectorURL = collectorURL
        self.logLevel = logLevel
    }

    /// The replica that a worker asks.
    func replica(of worker: WorkerPlan) -> Replica {
        self.replicas.contains(worker.replica) ? worker.replica : .a
    }
}
