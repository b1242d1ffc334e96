import Foundation
import Testing

@testable import HeraldCommand

@Suite struct EnvFileTests {
    @Test(
        "A line is read as a shell reads it",
        arguments: [
            ("A=plain", "plain"), ("A=", ""), ("A=''", ""), ("export A=1", "1"), ("  A=x  # comment", "x"),
            (#"A='a b'"#, "a b"), (#"A="a \"b\" \c""#, #"a "b" \c"#), (#"A=a\ b\&c"#, "a b&c"),
            (#"A=x'y'"z""#, "xyz"), ("A=a=b", "a=b"), ("A=1\nA=2", "2"), ("A=x\r\n", "x"),
        ]
    )
    func lines(text: String, value: String) {
        #expect(EnvFile(text).values == ["A": value])
    }

    @Test("What is no assignment is passed over", arguments: ["# A=1", "A", "=1", "A B=1", "if [ x=y ]; then", ""])
    func others(text: String) {
        #expect(EnvFile(text).values == [:])
    }

    @Test func `The nearest file upwards counts`() throws {
        let root = try TemporaryDirectory()
        try root.write("API_URL=http://outer", to: ".herald/env")
        try root.write("", to: "a/b/c/file")
        #expect(try EnvFile.nearest(to: root.path + "/a/b/c")?.values["API_URL"] == "http://outer")
        try root.write("API_URL=http://inner", to: "a/.herald/env")
        #expect(try EnvFile.nearest(to: root.path + "/a/b/c")?.values["API_URL"] == "http://inner")
        #expect(try EnvFile.nearest(to: root.path)?.values["API_URL"] == "http://outer")
    }
}

@Suite struct APISettingsTests {
    private static let file = "API_URL=http://127.0.0.1:8080\nAPI_KEY=filekey\nOPERATOR_KEY=fileoperator\n"

    private func settings(_ environment: [String: String], file: String? = Self.file) throws -> APISettings {
        let root = try TemporaryDirectory()
        if let file { try root.write(file, to: ".herald/env") }
        return try APISettings(environment: environment, directory: root.path)
    }

    @Test func `The environment goes before the file`() throws {
        let settings = try self.settings(["API_KEY": "mine"])
        #expect(settings.url == "http://127.0.0.1:8080")
        #expect(try settings.requiredAPIKey == "mine")
        #expect(try settings.requiredOperatorKey == "fileoperator")
    }

    @Test func `Keys of the file do not go to another address`() throws {
        let settings = try self.settings(["API_URL": "https://elsewhere.example"])
        #expect(throws: CommandFailure.self) { try settings.requiredAPIKey }
        #expect(throws: CommandFailure.self) { try settings.requiredOperatorKey }
    }

    @Test func `The file's own address, given again, keeps its keys`() throws {
        let settings = try self.settings(["API_URL": "http://127.0.0.1:8080/"])
        #expect(settings.url == "http://127.0.0.1:8080")
        #expect(try settings.requiredAPIKey == "filekey")
    }

    @Test(
        "An address that is none is refused",
        arguments: ["localhost:8080", "ftp://x", "http://", "nothing", "http://a/?b", "http://a b"]
    )
    func addresses(url: String) throws {
        #expect(throws: CommandFailure.self) { try self.settings(["API_URL": url]) }
    }

    @Test func `An empty variable is as good as none`() throws {
        #expect(throws: CommandFailure.self) { try self.settings(["API_URL": ""], file: nil) }
        #expect(try self.settings(["API_KEY": ""]).requiredAPIKey == "filekey")
    }

    @Test(arguments: ["hk live", "hk_live\n", "hk_ü"])
    func `A key that can not stand in a header is refused`(key: String) throws {
        let settings = try self.settings(["API_KEY": key])
        #expect(throws: CommandFailure.self) { try settings.requiredAPIKey }
    }
}
