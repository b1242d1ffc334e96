import Shared

extension ProviderAnswer {
    /// The outcome of a complete answer that is no success and carries no error code of the provider.
    ///
    /// It comes from something in between (a proxy, a load balancer, a wrong base URL), so it says nothing about the
    /// message or the account: worth another try, whatever its status. 429 alone has one meaning everywhere.
    var outcomeWithoutCode: SendOutcome {
        let error = ProviderError(
            code: "http-\(self.status)",
            detail: "The answer had status \(self.status) and no error code.",
            response: self.text
        )
        if self.status == 429 { return .throttled(error, retryAfter: self.retryAfter, scope: .account) }
        return .failedTransiently(error, retryAfter: self.retryAfter)
    }
}
