import Foundation
import Shared
import Testing

@testable import HeraldCommand

/// Recipients of a broadcast from a CSV file.
@Suite(.timeLimit(.minutes(5))) struct BroadcastTests {
    private static let broadcast = [
        "broadcasts", "create", "--name", "n", "--channel", "sms", "--body", "Hi {{order}}",
    ]

    private static func accept(_ request: FakeRequest) -> FakeAnswer {
        FakeAnswer(status: 202, body: #"{"id":"b1","status":"running"}"#)
    }

    private func create(_ text: String, _ options: [String] = []) async throws -> (run: Ran, bodies: [JSONValue]) {
        let api = try FakeAPI(Self.accept)
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "a.csv")
        let ran = await herald(Self.broadcast + ["--recipients", path] + options, at: api)
        return (ran, try api.requests.map { try JSONValue(parsing: $0.body) })
    }

    @Test func aLineIsARecipientWithItsWords() async throws {
        let (ran, bodies) = try await self.create(
            "\u{FEFF}to; customer_id ;order;name\r\n+1 415;;7;\"Ann; \"\"A\"\"\"\r\n;c1;8;\r\n\r\n+2;;;\r\n",
            ["--to", "+3"]
        )
        #expect(ran.code == 0, "\(ran.errors)")
        #expect(
            bodies.first?["recipients"]?.text
                == #"[{"to":"+3"},{"to":"+1 415","parameters":{"order":"7","name":"Ann; \"A\""}},"#
                + #"{"customer_id":"c1","parameters":{"order":"8"}},{"to":"+2"}]"#
        )
    }

    /// The good ones go in, the bad ones are listed.
    @Test func badLinesStopNoOthers() async throws {
        let text = "to,customer_id,order\n+1,,7\n+2\n,,8\n+3,c3,9\n\"+4\"x,,1\n+5,,2\n"
        let (ran, bodies) = try await self.create(text)
        #expect(ran.code == 1)
        #expect(bodies.first?["recipients"]?.array?.map { $0["to"] } == ["+1", "+5"])
        for line in [
            "line 3: has 1 cells where the first line has 3", "line 4: names no recipient",
            "line 5: names a recipient by to and by customer_id", "line 6: has text after a closing quotation mark",
        ] {
            #expect(ran.errors.contains(line), "\(ran.errors)")
        }
    }

    @Test func theyCanBeListedInAFile() async throws {
        let directory = try TemporaryDirectory()
        let report = try directory.write("", to: "refused.csv")
        let (ran, _) = try await self.create("to\n+1\n\"\"\n", ["--report", report])
        #expect(ran.code == 1)
        #expect(
            try String(contentsOfFile: report, encoding: .utf8)
                == "line,column,reason\r\n3,,names no recipient\r\n"
        )
    }

    @Test(arguments: [
        ("phone\n+1\n", "needs a column to or customer_id"), ("to,\n+1,2\n", "other than (empty)"),
        ("to,a,a\n", "other than a"), ("", "the file is empty"), ("\"to\n", "never closed"),
    ])
    func aFileWithoutRecipientsIsRefused(text: String, reason: String) async throws {
        let (ran, bodies) = try await self.create(text)
        #expect(ran.code == 2)
        #expect(ran.errors.contains(reason), "\(ran.errors)")
        #expect(bodies.isEmpty)
    }

    @Test(arguments: [
        (["--wait", "--dry-run", "--to", "+1"], "--wait has nothing"), ([], "Say whom it is for"),
        (["--to", "+1", "--report", "x"], "give --recipients"), (["--to", "+1", "--batch-size", "2"], "go together"),
        (["--recipients", "/nowhere.csv"], "/nowhere.csv can not be read"),
    ])
    func whatDoesNotFitIsSaid(options: [String], reason: String) async throws {
        let api = try FakeAPI(Self.accept)
        let ran = await herald(Self.broadcast + options, at: api)
        #expect(ran.code == 2)
        #expect(ran.errors.contains(reason), "\(ran.errors)")
        #expect(api.requests.isEmpty)
    }
}
