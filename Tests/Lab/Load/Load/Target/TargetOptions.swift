import ArgumentParser
import Foundation

/// What is measured, and as whom.
struct TargetOptions: ParsableArguments {
    @Option(
        help: .init(
            """
            Where the API answers, like http://127.0.0.1:8080; API_URL of .herald/env. Left out: everything is started for \
            this measurement alone.
            """,
            valueName: "url"
        )
    )
    var url: String?

    @Option(
        help: .init("An API key of an organization that nobody else uses; API_KEY of .herald/env.", valueName: "key")
    )
    var key: String?

    @Option(help: .init("A file for the figures as JSON.", valueName: "file"))
    var json: String?

    @Flag(name: .customLong("short"), help: "Measures this as load all --short does; without --url.")
    var isShort = false

    @Option(help: .init("Where the programs are that are started; beside this one when left out.", valueName: "folder"))
    var bin: String?

    func validate() throws {
        if let url { try Self.check(url, of: "--url") }
        guard (self.url == nil) == (self.key == nil) else {
            throw ValidationError("--url and --key go together: both, or neither to have everything started.")
        }
        guard self.url == nil || !self.isShort else {
            throw ValidationError("--short starts everything itself, and goes without --url.")
        }
        guard let key else { return }
        guard !key.isEmpty, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValidationError("--key must be an API key, without spaces.")
        }
    }

    /// The installation that the options name.
    ///
    /// - Throws: `LoadFailure` when they name none, for a measurement that starts nothing.
    func named() throws(LoadFailure) -> NamedTarget {
        guard let url, let key else {
            throw LoadFailure("This measures what runs already: say where, with --url and --key.")
        }
        return NamedTarget(url: Self.trimmed(url), key: key)
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

/// An installation, and whose messages are sent.
struct NamedTarget: Sendable {
    let url: String
    let key: String
    var stub: String?
    var inbound: String?
}
