import Installation

/// Something that is done to an installation.
enum Fault: Sendable, Hashable {
    /// SIGKILL; its supervisor starts it again.
    case kill(String)
    /// SIGTERM, as in a rolling restart.
    case restart(String)
    /// SIGSTOP, and SIGCONT after so long.
    case stop(String, Duration)
    case postgres(PostgresFault)
    case network(Way, NetworkFault, Duration)
    case provider(ProviderFault, Duration)
    case callbacks(CallbackMode)
    /// A process lives with a clock that is wrong by so many seconds, until it dies.
    case clock(String, Int)
    /// Nothing more can be written to the database's disk.
    case fullDisk(Duration)
}

enum PostgresFault: Sendable, Hashable {
    /// All of its processes at once; back after so long.
    case killAll(away: Duration)
    /// The process of one connection, which makes the server start anew by itself.
    case killOne
    case stopImmediately(away: Duration)
    /// Every connection is ended by the administrator.
    case endConnections
    /// The first process is stopped: no new connection is made.
    case stop(Duration)
}

enum ProviderFault: Sendable, Hashable {
    /// Closes connections without a word.
    case down
    case serverErrors
    /// 429 with `Retry-After`.
    case throttled
    case slow(Duration)
    /// Takes some messages, and closes the connection instead of answering.
    case acceptsAndCuts(Int)
    /// Takes some messages, and answers what is no answer.
    case garbage(Int)
    /// Takes what it was sent after the worker that sent it has been killed.
    case acceptsAsTheWorkerDies(String)
}

/// How what became of messages is told.
enum CallbackMode: Sendable, Hashable, CaseIterable {
    /// At once, so that some come before the answer to the send.
    case early
    case late
    /// Each more than once.
    case repeated
    /// The last one first.
    case backwards
}

extension Fault {
    /// The kind, for counting.
    var kind: String {
        switch self {
        case .kill(let name): "kill \(Self.program(name))"
        case .restart: "restart"
        case .stop: "stop"
        case .postgres(.killAll), .postgres(.killOne), .postgres(.stopImmediately): "kill postgres"
        case .postgres(.endConnections): "connections ended"
        case .postgres(.stop): "stop"
        case .network: "network"
        case .provider(.acceptsAsTheWorkerDies(let name), _): "kill \(Self.program(name))"
        case .provider: "provider"
        case .callbacks: "callbacks"
        case .clock: "clock"
        case .fullDisk: "full disk"
        }
    }

    /// The program of a process: `outbound-worker` of `outbound-worker-2`.
    static func program(_ name: String) -> String {
        guard let last = name.split(separator: "-").last, last.count == 1 else { return name }
        return String(name.dropLast(2))
    }
}
