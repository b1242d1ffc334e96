import ArgumentParser

/// Where the provider stub is, which tells when a message arrived.
struct StubOptions: ParsableArguments {
    @Option(
        help: .init(
            "Where provider-stub answers, like http://127.0.0.1:9100; left out where everything is started.",
            valueName: "url"
        )
    )
    var stub: String?

    func validate() throws {
        if let stub { try TargetOptions.check(stub, of: "--stub") }
    }

    /// Whether the stub is named exactly where the installation is.
    func check(with target: TargetOptions) throws {
        guard (self.stub == nil) == (target.url == nil) else {
            throw ValidationError("--stub goes with --url: both, or neither to have everything started.")
        }
    }
}
