import ArgumentParser

/// `herald templates`.
struct TemplatesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "templates",
        abstract: "Templates: texts with variables, of which messages are made.",
        subcommands: [
            ListTemplates.self, ShowTemplate.self, CreateTemplate.self, UpdateTemplate.self, DeleteTemplate.self,
            PreviewTemplate.self,
        ]
    )
}
