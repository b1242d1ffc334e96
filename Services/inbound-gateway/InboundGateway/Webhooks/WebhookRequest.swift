import InternalAPI
import Providers
import Shared

/// A webhook as it arrived, not yet verified.
struct WebhookRequest: Sendable {
    /// Path and query, exactly as requested.
    let target: String
    /// Those of `WebhookRequest.keptHeaders` that it has, by lowercase name.
    let headers: [String: String]
    let body: [UInt8]

    /// The parameters of the query; empty when there is none that can be read.
    var query: FormParameters {
        let query = self.target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        return (try? FormParameters(parsing: query.utf8)) ?? FormParameters([])
    }

    var isJSON: Bool { self.headers["content-type"]?.lowercased().hasPrefix("application/json") == true }

    /// What a verification reads, and so all that is stored; never a header with a credential in it.
    static let keptHeaders = [
        "content-type", "user-agent", "webhook-id", "webhook-signature", "webhook-timestamp", "x-hub-signature-256",
        "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp", "x-twilio-signature",
    ]
}

extension WebhookRequest {
    /// The request as it is stored for one account.
    ///
    /// `part` is what of the body is that account's organization's; nil for all of it.
    func raw(_ id: ID<InboxRequest>, of known: KnownAccount, part: [UInt8]? = nil) -> RawRequest {
        var headers = JSONObject()
        for (name, value) in self.headers.sorted(by: { $0.key < $1.key }) {
            headers[name] = .string(StorableText.plain(value))
        }
        return RawRequest(
            orgID: known.account.orgID,
            id: id,
            accountID: known.account.accountID,
            provider: known.account.provider,
            url: StorableText.plain(self.target),
            headers: JSONValue.object(headers).text,
            body: part ?? self.body
        )
    }
}
