import ArgumentParser

/// Where the provider stub is, which tells when a message arrived.
struct StubOptions: ParsableArguments {
    @Option(help: .init("Where provider-stub answers, like http://127.0.0.1:9100.", valueName: "url"))
    var stub: String

    func validate() throws {
        try TargetOptions.check(self.stub, of: "--stub")
    }
}
