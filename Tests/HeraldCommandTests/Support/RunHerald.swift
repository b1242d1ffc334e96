import Foundation
import Shared
import Synchronization

@testable import HeraldCommand

/// What a command line did.
struct Ran: Sendable {
    let code: Int32
    let output: String
    /// Questions to the person included.
    let errors: String
    /// Whether Ctrl-C would have ended it well.
    let endsWhenLeft: Bool
}

/// The time of day at which every command line runs: 2026-11-21T10:03:20Z.
let testTime = Timestamp(microseconds: 1_795_255_400_000_000)

/// Runs one command line in this process.
///
/// Without `directory` it runs where there is no `.herald/env`; without `answer` there is nobody to ask.
func herald(
    _ arguments: [String],
    environment: [String: String] = [:],
    directory: String = "/",
    device: CommandContext.Device = .other,
    input: String = "",
    answer: String? = nil,
    clock: any Clock<Duration> = JumpingClock()
) async -> Ran {
    let output = Capture()
    let errors = Capture()
    let left = Capture()
    var ask: (@Sendable (String) -> String?)?
    if let answer {
        ask = { question in
            errors.add(question)
            return answer
        }
    }
    let context = CommandContext(
        environment: environment,
        directory: directory,
        device: device,
        write: { output.add($0) },
        warn: { errors.add($0) },
        readInput: { Data(input.utf8) },
        ask: ask,
        clock: clock,
        now: { testTime },
        endWhenLeft: { left.add("end") }
    )
    let code = await HeraldCommand.run(arguments, in: context)
    return Ran(code: code, output: output.text, errors: errors.text, endsWhenLeft: !left.text.isEmpty)
}

/// Runs one command line against a server, with both keys.
func herald(
    _ arguments: [String],
    at api: FakeAPI,
    device: CommandContext.Device = .other,
    input: String = "",
    answer: String? = nil,
    clock: any Clock<Duration> = JumpingClock()
) async -> Ran {
    let environment = ["API_URL": api.url, "API_KEY": "hk_live_tenant", "OPERATOR_KEY": "operator-key"]
    return await herald(
        arguments,
        environment: environment,
        device: device,
        input: input,
        answer: answer,
        clock: clock
    )
}

private final class Capture: Sendable {
    private let parts = Mutex("")

    var text: String { self.parts.withLock { $0 } }
    func add(_ text: String) { self.parts.withLock { $0 += text } }
}

/// A clock on which every wait is over at once, and has taken its time all the same.
final class JumpingClock: Clock {
    struct Instant: InstantProtocol {
        let offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: self.offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - self.offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let time = Mutex(Instant(offset: .zero))

    var now: Instant { self.time.withLock { $0 } }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        self.time.withLock { $0 = max($0, deadline) }
    }
}
