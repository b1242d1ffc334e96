import Shared

/// Asks Twilio which messages an account sent to one number.
extension TwilioProvider: LookUpProvider {
    /// Messages on one page: with the longest texts it is half of `TwilioList.pageBytes`.
    static var pageSize: Int { 100 }
    /// A thousand messages to one number since the day of the attempt; with more, the number tells us nothing.
    static var mostPages: Int { 10 }

    func lookUp(_ question: LookUpQuestion, before deadline: ContinuousClock.Instant) async -> LookUpAnswer {
        let list: TwilioList
        do {
            list = try TwilioList(baseURL: self.baseURL, exchange: self.exchange, credentials: question.credentials)
        } catch {
            return .unanswered(error.error)
        }
        let elements: [JSONValue]
        do {
            elements = try await list.messages(Self.query(question), upTo: Self.mostPages, before: deadline)
        } catch {
            return .unanswered(error.reason)
        }
        let messages = elements.compactMap(TwilioListedMessage.init)
        guard messages.count == elements.count else { return .unanswered(TwilioListPage.malformed.reason) }
        return TwilioMatch(question).answer(among: messages)
    }

    /// A message is sent when it is created or later, so that none of the attempt's is excluded by its day.
    private static func query(_ question: LookUpQuestion) -> [(String, String)] {
        let day = String((question.since - TwilioMatch.clockDifference).description.prefix(10))
        // `DateSent>=` as Twilio writes it: the sign of equality is the one between a name and its value.
        return [("To", question.to), ("DateSent>", day), ("PageSize", String(Self.pageSize))]
    }
}
