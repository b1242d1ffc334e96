import ArgumentParser

/// Which key a command is about.
struct KeyIDArgument: ParsableArguments {
    @Argument(help: "The key's id, as herald keys list shows it; not the key itself.")
    var id: String

    func validate() throws {
        // A key on the command line stands in the shell's history; and in a path it would stand in logs.
        guard !self.id.hasPrefix("hk_") else {
            throw ValidationError("Give the key's id, as herald keys list shows it, and not the key itself.")
        }
    }

    var path: String { "/api/v1/keys/\(APIRequest.encode(self.id))" }
}
