import Shared

@testable import MessagingService

extension AccountFlow {
    /// The moment at which the flows of tests begin.
    static let begin = Timestamp(microseconds: 1_000_000_000)

    /// A flow to which nothing happened yet, with a full bucket.
    static func ofTests(rate: Double? = nil, burst: Double? = nil, maxInFlight: Int? = nil) -> AccountFlow {
        AccountFlow(
            account: AccountKey(orgID: .new(), accountID: .new()),
            limits: .init(
                rate: rate,
                burst: burst,
                maxInFlight: maxInFlight,
                rules: .init(patience: .seconds(120), pairInterval: .zero)
            ),
            tokens: burst ?? 1,
            refilledAt: Self.begin
        )
    }

    /// A flow whose provider did not answer for a while, and then did.
    static func recovering(answers: Int = 0) -> AccountFlow {
        var flow = Self.ofTests()
        _ = flow.hear(.outages(Self.outageFailures), now: Self.begin, jitter: 1)
        _ = flow.hear(.answers(1), now: Self.begin, jitter: 1)
        if answers > 0 { _ = flow.hear(.answers(answers), now: Self.begin, jitter: 1) }
        return flow
    }
}

extension AccountFlow.News {
    static func outages(_ count: Int) -> Self {
        var news = Self()
        news.outages = count
        return news
    }

    /// The provider judged messages, and took none.
    static func answers(_ count: Int) -> Self {
        var news = Self()
        news.answers = count
        return news
    }

    static let accepted: Self = {
        var news = Self.answers(1)
        news.hasAccepted = true
        return news
    }()

    static func refusal(_ code: String = "190") -> Self {
        var news = Self()
        news.refusal = ProviderError(code: code, detail: "Token expired.")
        return news
    }

    static func pause(_ duration: Duration) -> Self {
        var news = Self.answers(1)
        news.pause = duration
        return news
    }
}
