import Shared
import Testing

@testable import Providers

/// Which events of SendGrid mean that the address takes no mail for good.
struct SendGridBounceTests {
    @Test(arguments: [
        (#""event":"bounce","type":"bounce","reason":"550 5.1.1 no such user""#, true),
        (#""event":"bounce","type":"blocked","reason":"550 you are on a list""#, false),
        (#""event":"bounce","reason":"unknown""#, false),
        (#""event":"dropped","reason":"Bounced Address""#, true), (#""event":"dropped","reason":"Invalid""#, true),
        (#""event":"dropped","reason":"Invalid SMTPAPI header""#, false),
        (#""event":"dropped","reason":"Unsubscribed Address""#, false),
        (#""event":"dropped","reason":"Recipient List over Package Quota""#, false),
        (#""event":"dropped""#, false),
    ])
    func anEventIsAHardBounceOnlyWhereItSaysSo(event: String, isHard: Bool) throws {
        let body = #"[{"email":"ada@example.org","sg_event_id":"e","sg_message_id":"m.0",\#(event)}]"#
        let content = try #require(try SendGridWebhook.events(Array(body.utf8)).first?.content)
        guard case .report(let report) = content, case .failed(let error, .permanent) = report.status else {
            Issue.record("\(content)")
            return
        }
        #expect(error.isHardBounce == (isHard ? true : nil))
    }
}
