import Shared
import Testing

@testable import Providers

struct TwilioMatchTests {
    private static let since = Timestamp(microseconds: 1_795_255_200_900_000)

    private static func listed(
        _ sid: String,
        to: String = "+15550001111",
        body: String = "Hello",
        hasMedia: Bool = false,
        after seconds: Int = 0,
        isOutbound: Bool = true
    ) -> TwilioListedMessage {
        TwilioListedMessage(
            sid: sid,
            to: to,
            body: body,
            hasMedia: hasMedia,
            created: Timestamp(microseconds: 1_795_255_200_000_000) + .seconds(seconds),
            isOutbound: isOutbound
        )
    }

    private static func answer(
        _ messages: [TwilioListedMessage],
        to content: MessageContent = MessageContent(body: "Hello")
    ) -> LookUpAnswer {
        let question = LookUpQuestion(
            to: "+15550001111",
            content: content,
            since: Self.since,
            credentials: Credentials([:])
        )
        return TwilioMatch(question).answer(among: messages)
    }

    private static let media = MessageContent(
        media: MediaReference(url: "https://example.com/a.png", kind: .image, caption: nil)
    )

    @Test(
        arguments: [
            ("the same text to the same number", [listed("SM1")], .candidates(["SM1"])),
            ("nothing", [], .absent),
            ("another text", [listed("SM1", body: "Hello!")], .absent),
            ("another case", [listed("SM1", body: "hello")], .absent),
            ("space around it", [listed("SM1", body: " Hello\n")], .candidates(["SM1"])),
            ("a trial account", [listed("SM1", body: TwilioMatch.trialPrefix + "Hello")], .candidates(["SM1"])),
            ("another number", [listed("SM1", to: "+15550001112")], .absent),
            ("an answer of the customer", [listed("SM1", isOutbound: false)], .absent),
            ("as early as clocks may differ", [listed("SM1", after: -5)], .candidates(["SM1"])),
            ("earlier", [listed("SM1", after: -6)], .absent),
            ("much later", [listed("SM1", after: 86_400)], .candidates(["SM1"])),
            ("a removed text", [listed("SM1", body: "")], .unanswered(redacted)),
            ("a removed text of another number", [listed("SM1", to: "+15550001112", body: "")], .absent),
            ("a removed text of earlier", [listed("SM1", body: "", after: -60)], .absent),
            ("a removed number", [listed("SM1", to: "+1555000XXXX", body: "Other")], .unanswered(redacted)),
            ("a removed text beside the same", [listed("SM2", body: ""), listed("SM1")], .candidates(["SM1"])),
        ] as [(String, [TwilioListedMessage], LookUpAnswer)]
    )
    func `a message may be the attempt`(_ name: String, _ messages: [TwilioListedMessage], _ answer: LookUpAnswer) {
        #expect(Self.answer(messages) == answer, "\(name)")
    }

    @Test func `the oldest comes first`() {
        // As Twilio lists them; SM3 and SM2 are of one second.
        let messages = [
            Self.listed("SM5", after: 9), Self.listed("SM4", body: "Other", after: 8), Self.listed("SM3", after: 7),
            Self.listed("SM2", after: 7), Self.listed("SM1", after: 1),
        ]
        #expect(Self.answer(messages) == .candidates(["SM1", "SM2", "SM3", "SM5"]))
    }

    @Test func `media without text is compared by what it is`() {
        #expect(Self.answer([Self.listed("MM1", body: "", hasMedia: true)], to: Self.media) == .candidates(["MM1"]))
        #expect(Self.answer([Self.listed("SM1", body: "Hello", hasMedia: true)], to: Self.media) == .absent)
        // Neither text nor media: the text was removed, so it is none of ours for sure, and none of others'.
        #expect(Self.answer([Self.listed("SM1", body: "")], to: Self.media) == .unanswered(Self.redacted))
    }

    private static let redacted = ProviderError(
        code: "list-redacted",
        detail: "Twilio hides texts or numbers of this account, so that its list can not be compared."
    )
}
