import ArgumentParser
import Shared

/// What a template says, on the command line.
///
/// Texts are taken as they stand, so that one may begin with a hyphen.
struct TemplateParts: ParsableArguments {
    @Option(parsing: .unconditional, help: .init("The subject, of email, push and inapp.", valueName: "text"))
    var subject: String?

    @Option(parsing: .unconditional, help: .init("The text.", valueName: "text"))
    var body: String?

    @Option(help: .init("A file with the text; - for standard input.", valueName: "file"))
    var bodyFile: String?

    @Option(help: .init("A file with an email's text as HTML; - for standard input.", valueName: "file"))
    var htmlFile: String?

    @Option(
        name: .customLong("variable"),
        help: .init(
            "A variable of the template, with what counts when a message does not give it. May be repeated.",
            valueName: "name[=default]"
        )
    )
    var variables: [String] = []

    @Option(
        help: .init("A file with WhatsApp's template as JSON; - for standard input.", valueName: "file")
    )
    var whatsappFile: String?

    func validate() throws {
        if self.body != nil, self.bodyFile != nil {
            throw ValidationError("Give --body or --body-file, not both.")
        }
        if [self.bodyFile, self.htmlFile, self.whatsappFile].count(where: { $0 == "-" }) > 1 {
            throw ValidationError("Only one file can be standard input.")
        }
        if self.variables.contains(where: { $0.isEmpty || $0.hasPrefix("=") }) {
            throw ValidationError("--variable has a name, and perhaps a default: order, or order=none.")
        }
    }

    /// The given parts, as the API takes them.
    func object(in context: CommandContext) throws(CommandFailure) -> JSONObject {
        var parts = JSONObject()
        parts["subject"] = self.subject.map { .string($0) }
        parts["body"] = self.body.map { .string($0) }
        if let path = self.bodyFile { parts["body"] = .string(try TextFile.read(path, in: context)) }
        if let path = self.htmlFile { parts["html"] = .string(try TextFile.read(path, in: context)) }
        if !self.variables.isEmpty { parts["variables"] = .object(try self.declarations()) }
        if let path = self.whatsappFile {
            let text = try TextFile.read(path, in: context)
            do throws(JSONSyntaxError) {
                parts["whatsapp"] = try JSONValue(parsing: text)
            } catch {
                throw .usage("The file \(PlainText.of(path)) is no valid JSON, at byte \(error.offset).")
            }
        }
        return parts
    }

    private func declarations() throws(CommandFailure) -> JSONObject {
        var declared = JSONObject()
        for text in self.variables {
            let variable = NamedValue(argument: text)
            let name = variable?.name ?? text
            guard declared[name] == nil else {
                throw .usage("--variable gives \(PlainText.of(name)) twice; give it once.")
            }
            declared[name] = ["default": variable.map { .string($0.value) } ?? .null]
        }
        return declared
    }
}
