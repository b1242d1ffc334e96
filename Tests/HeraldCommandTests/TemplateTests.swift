import Shared
import Testing

@testable import HeraldCommand

/// What the other tables do not show: files, and how a template is shown.
@Suite(.timeLimit(.minutes(5))) struct TemplateTests {
    private static let template = """
        {"id":"t1","code":"hi","version":2,"subject":"Hi {{name}}","body":"One\\nTwo \\u001b[31m","html":null,\
        "variables":{"name":{"default":"you"}}}
        """

    @Test func `Texts and definitions come from files, one of them from standard input`() async throws {
        let directory = try TemporaryDirectory()
        let html = try directory.write("<p>{{name}}</p>\n", to: "hi.html")
        let whatsapp = try directory.write(#"{ "name": "order" }"#, to: "order.json")
        let api = try FakeAPI { _ in FakeAnswer(body: Self.template) }
        let ran = await herald(
            ["templates", "update", "t1", "--body-file", "-", "--html-file", html, "--whatsapp-file", whatsapp],
            at: api,
            input: "Hello\n"
        )
        #expect(ran.code == 0, "\(ran.errors)")
        let sent = try JSONValue(parsing: try #require(api.requests.first).body)
        #expect(sent["body"] == "Hello\n")
        #expect(sent["html"] == "<p>{{name}}</p>\n")
        #expect(sent["whatsapp"] == ["name": "order"])
    }

    @Test(
        "A file that is none is refused before anything is called",
        arguments: [
            ("--body-file", "/nowhere/at/all", "can not be read"), ("--whatsapp-file", "-", "no valid JSON, at byte 1"),
        ]
    )
    func files(option: String, path: String, hint: String) async throws {
        let api = try FakeAPI { _ in FakeAnswer(body: Self.template) }
        let ran = await herald(["templates", "update", "t1", option, path], at: api, input: "{x")
        #expect(ran.code == 2)
        #expect(ran.errors.contains(hint), "\(ran.errors)")
        #expect(api.requests.isEmpty)
    }

    @Test func `A file may have as much as a request`() async throws {
        let api = try FakeAPI { _ in FakeAnswer(body: Self.template) }
        for (count, code) in [(256 * 1024, Int32(0)), (256 * 1024 + 1, 2)] {
            let text = String(repeating: "x", count: count)
            let ran = await herald(["templates", "update", "t1", "--body-file", "-"], at: api, input: text)
            #expect(ran.code == code)
            #expect(ran.errors.contains("more than 256 KB") == (code == 2))
        }
    }

    @Test func `A change without anything to change is refused`() async throws {
        let api = try FakeAPI { _ in FakeAnswer(body: Self.template) }
        let none = await herald(["templates", "update", "t1"], at: api)
        #expect(none.code == 2)
        #expect(none.errors.contains("--remove"))
        let both = await herald(["templates", "update", "t1", "--body", "x", "--remove", "body"], at: api)
        #expect(both.code == 2)
        #expect(both.errors.contains("one of the two"))
        #expect(api.requests.isEmpty)
    }

    @Test func `A person sees the texts as they stand, without what a terminal would obey`() async throws {
        let ran = await herald(
            ["templates", "show", "t1"],
            at: try FakeAPI { _ in FakeAnswer(body: Self.template) },
            device: .terminal
        )
        #expect(ran.output.contains("version                 2\n"), "\(ran.output)")
        #expect(ran.output.hasSuffix("\nsubject:\nHi {{name}}\n\nbody:\nOne\nTwo \u{FFFD}[31m\n"), "\(ran.output)")
    }

    @Test func `A preview shows what is rendered`() async throws {
        let body = """
            {"code":"hi","channel":"email","language":"en","version":2,"rendered":{"subject":"Hi Ann","body":"One"}}
            """
        let ran = await herald(
            ["templates", "preview", "t1"],
            at: try FakeAPI { _ in FakeAnswer(body: body) },
            device: .terminal
        )
        #expect(ran.output.hasSuffix("\nsubject:\nHi Ann\n\nbody:\nOne\n"), "\(ran.output)")
    }

    @Test func `Nothing is deleted without a yes`() async throws {
        let api = try FakeAPI { _ in FakeAnswer(status: 204) }
        #expect(await herald(["templates", "delete", "t1"], at: api).code == 2)
        #expect(await herald(["templates", "delete", "t1"], at: api, device: .terminal, answer: "n").code == 1)
        #expect(api.requests.isEmpty)
        let ran = await herald(["templates", "delete", "t1"], at: api, device: .terminal, answer: "y")
        #expect(ran.code == 0)
        #expect(ran.output == "Deleted.\n")
        #expect(api.requests.count == 1)
    }
}
