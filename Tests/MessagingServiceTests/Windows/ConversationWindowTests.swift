import MessagingService
import Shared
import Testing

@Suite struct ConversationWindowTests {
    private static let now = Timestamp(microseconds: 1_790_000_000_000_000)
    private static let day = Duration.seconds(86_400)

    /// How long ago the customer wrote; nil for never.
    @Test(
        arguments: [
            (nil, false), (.zero, true), (day - .microseconds(1), true), (day, false), (day + day, false),
        ] as [(Duration?, Bool)]
    )
    func itIsOpenForADay(age: Duration?, isOpen: Bool) {
        let window = ConversationWindow(lastInboundAt: age.map { Self.now - $0 })
        #expect(window.isOpen(at: Self.now) == isOpen)
    }

    @Test(arguments: [true, false]) func anOpenOnePasses(isEnforced: Bool) {
        let window = ConversationWindow(lastInboundAt: Self.now)
        let gate = window.gate(at: Self.now + .seconds(5), isEnforced: isEnforced)
        #expect(gate == ("pass", "open until \(Self.now + Self.day)"))
    }

    @Test(arguments: [(true, "block", ""), (false, "pass", ", not enforced")])
    func aClosedOneBlocksWhereItIsEnforced(isEnforced: Bool, verdict: String, ending: String) {
        let closed = ConversationWindow(lastInboundAt: Self.now - Self.day)
        #expect(closed.gate(at: Self.now, isEnforced: isEnforced) == (verdict, "closed since \(Self.now)\(ending)"))
        let never = ConversationWindow(lastInboundAt: nil).gate(at: Self.now, isEnforced: isEnforced)
        #expect(never == (verdict, "closed: the customer has not written yet\(ending)"))
    }

    @Test func onlyATemplateNeedsNoWindow() {
        let template = TemplateReference(code: "hi", language: "en", parameters: nil, components: nil)
        #expect(!MessageContent(template: template).needsWindow)
        #expect(MessageContent(body: "Hello").needsWindow)
        #expect(MessageContent(media: .init(url: "https://example.com", kind: .image, caption: nil)).needsWindow)
    }
}
