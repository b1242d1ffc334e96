import ArgumentParser

/// `herald keys`.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "API keys of an organization.",
        subcommands: [CreateKey.self, ListKeys.self, EditKey.self, RotateKey.self, RevokeKey.self]
    )
}
