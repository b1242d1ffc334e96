import ArgumentParser
import Testing

@testable import HeraldCommand

@Suite struct ArgumentTests {
    @Test(
        "Wrong use ends with 2 and says what to change, before anything is called",
        arguments: [
            (["nonsense"], "nonsense"), (["send"], "--to"), (["send", "--to", "+1", "--channel", "fax"], "whatsapp"),
            (["send", "--to", "+1", "--channel", "sms"], "--body"),
            (["send", "--to", "+1", "--channel", "sms", "--body", "x", "--language", "en"], "--template"),
            (["send", "--to", "+1", "--channel", "sms", "--body", "x", "--wait", "0"], "--wait"),
            (["send", "--to", "+1", "--channel", "sms", "--body", "x", "--wait", "--dry-run"], "--dry-run"),
            (["send", "--to", "+1", "--channel", "sms", "--body", "x", "--wait", "86401"], "--wait"),
            (["send", "--to", "+1", "--channel", "sms", "--body", "x", "--idempotency-key", "a b"], "1 to 255"),
            (["send", "--to", "+1", "--channel", "sms", "--template", "t", "--parameter", "x"], "name=value"),
            (["messages", "list", "--limit", "0"], "--limit"), (["messages", "show"], "id"),
            (["keys", "create"], "--name"), (["keys", "create", "--name", "x", "--mode", "both"], "live"),
            (["keys", "rotate", "hk_live_secret"], "not the key itself"),
            (["keys", "edit", "k1", "--burst", "2"], "--burst"),
            (["keys", "edit", "k1", "--no-limit", "--per-second", "2"], "--no-limit"),
            (["orgs", "edit", "--per-second", "2"], "--per-second"),
            (["keys", "revoke", "hk_live_secret"], "not the key itself"), (["keys", "list", "--org", "a b"], "--org"),
            (["accounts", "create", "--channel", "sms", "--provider", "carrier", "--name", "x"], "twilio"),
            (["orgs", "list", "--json", "--table"], "--json"),
            (["messages", "cancel"], "--status"),
            (["messages", "cancel", "m1", "--status", "queued"], "one of the two"),
            (["messages", "delete", "m1", "--error-code", "x"], "one of the two"),
            (["messages", "retry", ""], "An id is empty"), (["messages", "edit", "m1"], "--to"),
            (["messages", "edit", "m1", "--retry-preset", "outbox", "--retry-delays", "1s"], "exclude each other"),
            (["messages", "edit", "m1", "--on-uncertain", "wait"], "hold"),
            (["messages", "resolve", "m1", "--as", "maybe"], "resend"), (["messages", "resolve", "m1"], "--as"),
            (["failed", "retry"], "--all"), (["failed", "retry", "m1", "--all"], "one of them"),
            (["failed", "retry", "m1", "--channel", "sms"], "one of them"), (["failed", "retry", "m1", ""], "empty"),
            (["scheduled", "run", "--yes"], "--now"), (["scheduled", "run", "--no-wait"], "--now"),
            (["queue", "pause", "--all", "--org", "o1"], "--all"),
            (["queue", "continue", "--all", "--account", "a1"], "--all"),
            (["queue", "pause", "--reason", "x"], "--account"),
            (["queue", "status", "--platform", "--org", "o1"], "--platform"),
            (["queue", "monitor", "--interval", "0"], "--interval"), (["queue", "monitor", "--count", "0"], "--count"),
            (["conversations", "assign", "c1"], "--nobody"),
            (["conversations", "assign", "c1", "--to", "Ann", "--nobody"], "one of the two"),
            (["conversations", "list", "--unassigned", "--assignee", "Ann"], "exclude each other"),
            (["clock", "advance"], "--by"), (["clock", "advance", "--by", "1h", "--to", "t"], "--to"),
            (["orgs", "edit", "--suspend"], "id of an organization"),
            (["customers", "create"], "--phone"), (["customers", "create", "--field", "x"], "name=value"),
            (["customers", "consent"], "id"),
            (["customers", "consent", "c1", "--channel", "sms"], "--status"),
            (["customers", "consent", "c1", "--status", "opted_in", "--channel", "sms"], "--purpose"),
            (["customers", "consent", "c1", "--status", "opted_in", "--history"], "--history"),
            (["customers", "consent", "c1", "--status", "unknown"], "opted_in"),
            (["templates", "create", "--channel", "sms", "--body", "x"], "--code"),
            (
                ["templates", "create", "--code", "x", "--channel", "sms", "--body", "x", "--body-file", "y"],
                "not both"
            ),
            (["templates", "create", "--code", "x", "--channel", "sms", "--variable", "=x"], "order=none"),
            (
                ["templates", "create", "--code", "x", "--channel", "email", "--body-file", "-", "--html-file", "-"],
                "standard input"
            ),
            (["templates", "show", "t1", "--version", "1", "--versions"], "--versions"),
            (["templates", "update", "t1", "--remove", "code"], "variables"), (["templates", "preview"], "id"),
            (["orgs", "edit", "o1", "--suspend", "--unsuspend"], "--unsuspend"),
        ]
    )
    func wrongUse(arguments: [String], hint: String) async {
        let ran = await herald(arguments)
        #expect(ran.code == 2)
        #expect(ran.errors.contains(hint), "\(ran.errors)")
        #expect(ran.output.isEmpty)
    }

    /// Every command with its words, groups included.
    static let commands: [[String]] = {
        func below(_ command: any ParsableCommand.Type, _ words: [String]) -> [[String]] {
            command.configuration.subcommands.flatMap { child in
                let words = words + [child.configuration.commandName ?? ""]
                return [words] + below(child, words)
            }
        }
        return below(HeraldCommand.self, [])
    }()

    @Test("Every command explains itself, with an example where it does something", arguments: Self.commands)
    func help(words: [String]) async {
        let ran = await herald(words + ["--help"])
        #expect(ran.code == 0)
        #expect(ran.errors.isEmpty)
        #expect(ran.output.contains("herald \(words.joined(separator: " "))"))
        #expect(ran.output.contains("SUBCOMMANDS:") || ran.output.contains("Example"), "\(ran.output)")
    }

    @Test func `A group alone shows its commands`() async {
        let ran = await herald(["messages"])
        #expect(ran.code == 0)
        #expect(ran.output.contains("show"))
    }

    @Test func `Without settings the sentence says how to get them`() async {
        let ran = await herald(["queue", "status"])
        #expect(ran.code == 2)
        #expect(ran.errors.contains("API_URL is not set"))
        #expect(ran.errors.contains("deploy/up"))
    }

    @Test(
        "The key that a command needs is named",
        arguments: [
            (["orgs", "list"], "OPERATOR_KEY"), (["keys", "list"], "API_KEY"), (["orgs", "show"], "API_KEY"),
            (["orgs", "show", "o1"], "OPERATOR_KEY"), (["queue", "status", "--platform"], "OPERATOR_KEY"),
            (["queue", "pause", "--all"], "OPERATOR_KEY"), (["queue", "restart"], "OPERATOR_KEY"),
        ]
    )
    func missingKey(arguments: [String], name: String) async {
        let ran = await herald(arguments, environment: ["API_URL": "http://127.0.0.1:1"])
        #expect(ran.code == 2)
        #expect(ran.errors.contains("\(name) is not set"))
    }

    @Test(
        "A change without anything to change is refused",
        arguments: [["orgs", "edit"], ["orgs", "edit", "o1"], ["accounts", "edit", "a1"]]
    )
    func nothingToChange(arguments: [String]) async {
        let ran = await herald(arguments, environment: ["API_URL": "http://127.0.0.1:1", "API_KEY": "k"])
        #expect(ran.code == 2)
        #expect(ran.errors.contains("--setting"))
    }
}
