package import Shared

/// Nobody needs to be asked.
extension SandboxProvider: CheckProvider {
    package func check(_ credentials: Credentials, before deadline: ContinuousClock.Instant) async -> CredentialCheck {
        .ok("The sandbox needs no credentials.")
    }
}
