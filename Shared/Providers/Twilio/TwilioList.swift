import NIOHTTP1
import Shared

/// Reads Twilio's list of an account's messages.
///
/// - Source: `GET {base}/2010-04-01/Accounts/{sid}/Messages.json`: filtered by `To` and by the day of `DateSent` in GMT, the
///   latest first, in pages that `next_page_uri` leads through.
struct TwilioList {
    /// Bytes of one page.
    static let pageBytes = 2 * 1024 * 1024

    let baseURL: String
    let exchange: ProviderExchange
    let path: String
    let headers: HTTPHeaders

    init(baseURL: String, exchange: ProviderExchange, credentials: Credentials) throws(CredentialsFault) {
        let sid = try credentials.requiredSegment("account_sid")
        self.baseURL = baseURL
        self.exchange = exchange
        self.path = TwilioProvider.path(sid)
        self.headers = ["authorization": TwilioProvider.authorization(sid, try credentials.required("auth_token"))]
    }

    /// All messages that `query` finds, on at most `mostPages`, up to the first page that `isLast`; `deadline` is for all pages.
    func messages(
        _ query: [(String, String)],
        upTo mostPages: Int,
        before deadline: ContinuousClock.Instant,
        isLast: ([JSONValue]) -> Bool = { _ in false }
    ) async throws(ExchangeFailure) -> [JSONValue] {
        var messages: [JSONValue] = []
        var next: String? = "\(self.path)?\(String(decoding: FormParameters(query).bytes, as: UTF8.self))"
        var pages = 0
        while let uri = next {
            // Twilio names the next page by its path; whatever else stands there is not asked with the account's token.
            guard uri.hasPrefix("\(self.path)?") else { throw TwilioListPage.malformed }
            guard pages < mostPages else { throw ExchangeFailure(reason: .listTooLong) }
            let page = try TwilioListPage(try await self.get(uri, before: deadline))
            messages += page.messages
            next = isLast(page.messages) ? nil : page.next
            pages += 1
        }
        return messages
    }

    /// Something below the base URL, with the account's token.
    func get(_ uri: String, before deadline: ContinuousClock.Instant) async throws(ExchangeFailure) -> ProviderAnswer {
        try await self.exchange.get(
            self.baseURL + uri,
            headers: self.headers,
            upTo: Self.pageBytes,
            before: deadline
        )
    }
}

extension ProviderError {
    fileprivate static let listTooLong = ProviderError(
        code: "list-too-long",
        detail: "The provider's list of messages is too long to be read."
    )
}
