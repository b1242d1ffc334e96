import NIOHTTP1
import Shared

/// Asks Twilio which messages an account sent to one number.
///
/// - Source: `GET {base}/2010-04-01/Accounts/{sid}/Messages.json`: filtered by `To` and by the day of `DateSent` in GMT, the
///   latest first, in pages that `next_page_uri` leads through.
extension TwilioProvider: LookUpProvider {
    /// Messages on one page: with the longest texts it is half of `pageBytes`.
    static var pageSize: Int { 100 }
    static var pageBytes: Int { 2 * 1024 * 1024 }
    /// A thousand messages to one number since the day of the attempt; with more, the number tells us nothing.
    static var mostPages: Int { 10 }

    func lookUp(_ question: LookUpQuestion, before deadline: ContinuousClock.Instant) async -> LookUpAnswer {
        let sid: String
        let token: String
        do {
            sid = try question.credentials.requiredSegment("account_sid")
            token = try question.credentials.required("auth_token")
        } catch {
            return .unanswered(error.error)
        }
        let path = Self.path(sid)
        let headers: HTTPHeaders = ["authorization": Self.authorization(sid, token)]
        var messages: [TwilioListedMessage] = []
        var next: String? = "\(path)?\(Self.query(question))"
        var pages = 0
        while let uri = next {
            // Twilio names the next page by its path; whatever else stands there is not asked with the account's token.
            guard uri.hasPrefix("\(path)?") else { return .unanswered(TwilioListPage.malformed.reason) }
            guard pages < Self.mostPages else { return .unanswered(.listTooLong) }
            do {
                let answer = try await self.exchange.get(
                    self.baseURL + uri,
                    headers: headers,
                    upTo: Self.pageBytes,
                    before: deadline
                )
                let page = try TwilioListPage(answer)
                messages += page.messages
                next = page.next
                pages += 1
            } catch {
                return .unanswered(error.reason)
            }
        }
        return TwilioMatch(question).answer(among: messages)
    }

    /// A message is sent when it is created or later, so that none of the attempt's is excluded by its day.
    private static func query(_ question: LookUpQuestion) -> String {
        let day = String((question.since - TwilioMatch.clockDifference).description.prefix(10))
        // `DateSent>=` as Twilio writes it: the sign of equality is the one between a name and its value.
        let pairs = [("To", question.to), ("DateSent>", day), ("PageSize", String(Self.pageSize))]
        return String(decoding: FormParameters(pairs).bytes, as: UTF8.self)
    }
}

extension ProviderError {
    fileprivate static let listTooLong = ProviderError(
        code: "list-too-long",
        detail: "The provider's list of messages to this recipient is too long to be read."
    )
}
