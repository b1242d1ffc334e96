import Foundation
import Testing

@testable import HeraldCommand

@Suite(.timeLimit(.minutes(5))) struct SecretTests {
    private static let account = ["accounts", "create", "--channel", "sms", "--provider", "twilio", "--name", "main"]
    private static let answer = FakeAnswer(status: 201, body: #"{"id":"a1","channel":"sms"}"#)

    @Test(
        "Credentials come from a file or standard input, and are not shown",
        arguments: [#"{"account_sid":"AC1","auth_token":"hush"}"#, "account_sid=AC1\n# note\nauth_token='hush'\n"]
    )
    func files(text: String) async throws {
        let api = try FakeAPI { _ in Self.answer }
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "twilio")
        for (source, input) in [(path, ""), ("-", text)] {
            let options = ["--credentials-file", source, "--credential", "from=+15550001111"]
            let ran = await herald(Self.account + options, at: api, input: input)
            #expect(ran.code == 0, "\(ran.errors)")
            #expect(ran.errors.isEmpty)
            #expect(!ran.output.contains("hush"))
            let body = api.requests.last?.body ?? ""
            #expect(body.contains(#""credentials":{"from":"+15550001111","account_sid":"AC1","auth_token":"hush"}"#))
        }
    }

    @Test func `A secret on the command line is warned of, by its name alone`() async throws {
        let api = try FakeAPI { _ in Self.answer }
        let ran = await herald(Self.account + ["--credential", "auth_token=hush", "--credential", "from=+1"], at: api)
        #expect(ran.code == 0)
        #expect(ran.errors.contains("warning: auth_token stood"))
        #expect(!ran.errors.contains("hush"))
    }

    @Test(
        "A credentials file that can not be used is refused without showing it",
        arguments: [
            (#"{"auth_token":"hush""#, "no valid JSON"), ("nothing here: hush", "holds none"),
            ("from=hush", "give it once"), (String(repeating: "x", count: 300_000), "more than 256 KB"),
        ]
    )
    func broken(text: String, reason: String) async throws {
        let api = try FakeAPI { _ in Self.answer }
        let options = ["--credentials-file", "-", "--credential", "from=+1"]
        let ran = await herald(Self.account + options, at: api, input: text)
        #expect(ran.code == 2)
        #expect(ran.errors.contains(reason), "\(ran.errors)")
        #expect(!ran.errors.contains("hush"))
        #expect(api.requests.isEmpty)
    }

    @Test func `A name that stands twice is refused`() async throws {
        let api = try FakeAPI { _ in Self.answer }
        let ran = await herald(Self.account + ["--setting", "a=1", "--setting", "a=2"], at: api)
        #expect(ran.code == 2)
        #expect(ran.errors.contains("a twice"))
    }

    @Test func `A missing credentials file is named`() async throws {
        let ran = await herald(
            Self.account + ["--credentials-file", "/nowhere/x"],
            at: try FakeAPI { _ in Self.answer }
        )
        #expect(ran.code == 2)
        #expect(ran.errors.contains("/nowhere/x can not be read"))
    }

    @Test func `A new key is shown, once, with a word to keep it`() async throws {
        let api = try FakeAPI { _ in
            FakeAnswer(status: 201, body: #"{"id":"k1","secret":"hk_live_new","name":"server","scopes":["*"]}"#)
        }
        let ran = await herald(["keys", "create", "--name", "server"], at: api, device: .terminal)
        #expect(ran.code == 0)
        #expect(ran.output.components(separatedBy: "hk_live_new").count == 2)
        #expect(ran.output.contains("not shown again"))
    }
}
