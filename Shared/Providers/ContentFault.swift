import Shared

/// A message that this provider can not be handed: sending it again can not succeed.
struct ContentFault: Error, Equatable {
    let code: String
    let detail: String

    var error: ProviderError { ProviderError(code: self.code, detail: self.detail) }
}
