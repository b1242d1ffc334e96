import ArgumentParser
import Foundation

/// `herald config check`.
struct CheckConfig: LocalCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the settings of all services at once, and what they name.",
        discussion: """
            Has each service check its own settings, connect to its databases, compare their schema and their clock with \
            its own, take its ports and write into its folders; then compares what the services must have in common. One \
            line for each finding. The settings are this environment's, and with --dir those of files as \
            deploy/env/*.example: common.env, and one for each service. Without --dir, .herald/services is taken where \
            deploy/up made one.

            Examples:
              herald config check --dir /etc/herald
              herald config check --running
            """
    )

    @Option(
        help: .init(
            "The folder of the files; without it .herald/services, or the environment alone.",
            valueName: "path"
        )
    )
    var dir: String?

    @Option(help: .init("The folder of the programs; without it that of herald.", valueName: "path"))
    var bin: String?

    @Flag(help: "The services run: ports that they hold are no finding.")
    var running = false

    func run(in context: CommandContext) throws {
        let settings = try ServiceSettings(
            environment: context.environment,
            folder: self.dir,
            directory: context.directory
        )
        let programs = try ServicePrograms(folder: self.bin ?? ServicePrograms.ownFolder)
        var findings: [String] = []
        for service in ServiceSettings.services {
            findings += try programs.check(service, with: settings.of(service)).filter { line in
                !(self.running && line.contains(" is in use"))
            }
        }
        findings += settings.disagreements
        guard !findings.isEmpty else {
            return context.write("The settings of all \(ServiceSettings.services.count) services are usable.\n")
        }
        for finding in findings { context.write(finding + "\n") }
        throw CommandFailure.settingsWrong
    }
}
