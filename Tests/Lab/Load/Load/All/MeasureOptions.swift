import ArgumentParser
import Foundation

/// What measurements have in common that start everything themselves.
struct MeasureOptions: ParsableArguments {
    @OptionGroup var sizes: Sizes

    @Option(help: .init("Where the programs are; beside this one when left out.", valueName: "folder"))
    var bin: String?

    @Option(help: .init("A file for the figures as JSON.", valueName: "file"))
    var json: String?

    @Option(
        help: .init(
            "The file of an earlier --json: shows each ratio beside the earlier one, and ends with 1 when less than 70 % of it is left.",
            valueName: "file"
        )
    )
    var compare: String?
}
