import ArgumentParser
import Foundation

/// What is measured, and as whom.
struct TargetOptions: ParsableArguments {
    @Option(help: .init("Where the API answers, like http://127.0.0.1:8080; API_URL of .herald/env.", valueName: "url"))
    var url: String

    @Option(
        help: .init("An API key of an organization that nobody else uses; API_KEY of .herald/env.", valueName: "key")
    )
    var key: String

    @Option(help: .init("A file for the figures as JSON.", valueName: "file"))
    var json: String?

    func validate() throws {
        try Self.check(self.url, of: "--url")
        guard !self.key.isEmpty, self.key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValidationError("--key must be an API key, without spaces.")
        }
    }

    static func check(_ url: String, of option: String) throws {
        guard let components = URLComponents(string: url), let scheme = components.scheme,
            ["http", "https"].contains(scheme), components.host?.isEmpty == false
        else {
            throw ValidationError("\(option) must be an address like http://127.0.0.1:8080.")
        }
    }

    static func trimmed(_ url: String) -> String {
        url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}
