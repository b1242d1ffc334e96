import Glibc
import Installation
import Testing

/// The program as a user meets it.
@Suite(.timeLimit(.minutes(5))) struct ProgramTests {
    @Test(
        arguments: [
            (["--seconds", "5"], "20 to 28,800 seconds"), ([], "either --seconds or --minutes"),
            (["--seconds", "30", "--minutes", "1"], "either --seconds or --minutes"),
            (["--seconds", "30", "--rate", "0"], "--rate must be 1 to 1000"),
            (["--seconds", "30", "--bin", "/nowhere"], "/nowhere/api-gateway is missing"),
            (["--seconds", "soon"], "'soon' is invalid for '--seconds"), (["--seconds", "30", "--what"], "--what"),
            (["--minutes", "60", "--rate", "1000"], "lower --rate or the duration"),
        ] as [([String], String)]
    )
    func whatCanNotBeRunIsOneSentence(arguments: [String], words: String) async throws {
        try await ProgramRun.with([Programs.current.path(of: "chaos")] + arguments) { run in
            #expect(await run.child.end.value().description == "ended with status 2")
            #expect(run.lines.count == 1)
            #expect(run.text.hasPrefix("chaos: ") && run.text.contains(words), "\(run.text)")
        }
    }

    @Test func whoStopsItFindsNothingLeft() async throws {
        try await ProgramRun.with([Programs.current.path(of: "chaos"), "--seconds", "60"]) { run in
            _ = try await timeUntil(.seconds(60)) { run.leftovers.contains { $0.hasPrefix("herald-postgres-") } }
            run.child.send(SIGINT)
            #expect(await run.child.end.value().description == "ended with status 130")
            #expect(run.lines.last == "chaos: stopped; everything it started has ended.")
            #expect(run.leftovers.isEmpty)
        }
    }
}
