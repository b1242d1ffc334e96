import Glibc
import Installation
import Testing

/// The program as a user meets it.
@Suite(.timeLimit(.minutes(5))) struct ProgramTests {
    @Test(
        arguments: [
            (["everything"], "everything"), (["all", "--only", "nothing"], "choose from create, steady, batch,"),
            (["all", "--only", "create,create"], "each once"), (["all", "--bin", "/nowhere"], "/nowhere is no folder"),
            (["all", "--bin", "/usr"], "/usr/api-gateway is missing: build it"),
            (["all", "--compare", "/nowhere.json"], "/nowhere.json can not be read"),
            (["all", "--compare", "/proc/self/status"], "/proc/self/status is no file of load's --json"),
            (["all", "--json", "/nowhere/figures.json"], "choose another file with --json"),
            (["growth", "--rows", "900000000"], "--rows must be 1000 to 100000000"),
            (["create", "--url", "here", "--key", "k"], "--url must be an address like"),
        ] as [([String], String)]
    )
    func whatCanNotBeMeasuredIsOneSentence(arguments: [String], words: String) async throws {
        try await ProgramRun.with([Programs.current.path(of: "load")] + arguments) { run in
            #expect(await run.child.end.value().description == "ended with status 2")
            #expect(run.lines.count == 1)
            #expect(run.text.hasPrefix("load: ") && run.text.contains(words), "\(run.text)")
        }
    }

    @Test func whoStopsItFindsNothingLeft() async throws {
        try await ProgramRun.with([Programs.current.path(of: "load"), "all", "--short"]) { run in
            _ = try await timeUntil(.seconds(60)) { run.leftovers.contains { $0.hasPrefix("herald-postgres-") } }
            run.child.send(SIGINT)
            #expect(await run.child.end.value().description == "ended with status 2")
            #expect(run.lines.last == "load: stopped.")
            #expect(run.leftovers.isEmpty)
        }
    }
}
