import Foundation
import Shared

/// Finds the messages in Twilio's list that may be an attempt.
struct TwilioMatch {
    /// How far Twilio's clock may be behind ours.
    static var clockDifference: Duration { .seconds(5) }
    /// What Twilio puts before each text of an account that pays nothing yet.
    static var trialPrefix: String { "Sent from your Twilio trial account - " }

    private let to: String
    private let body: String
    private let earliest: Timestamp

    init(_ question: LookUpQuestion) {
        self.to = question.to
        self.body = Self.trimmed(question.content.body ?? "")
        // Twilio's times are in whole seconds, cut off.
        let second = question.since.microseconds / 1_000_000 * 1_000_000
        self.earliest = Timestamp(microseconds: second) - Self.clockDifference
    }

    func answer(among messages: [TwilioListedMessage]) -> LookUpAnswer {
        let recent = messages.filter { $0.isOutbound && $0.created >= self.earliest }
        let candidates = recent.enumerated().filter { self.isSame($0.element) }
        guard candidates.isEmpty else {
            // The list has the latest first, and so has it those of one second.
            let sorted = candidates.sorted { left, right in
                (left.element.created, right.offset) < (right.element.created, left.offset)
            }
            return .candidates(sorted.map(\.element.sid))
        }
        guard !recent.contains(where: self.isHidden) else {
            return .unanswered(
                ProviderError(
                    code: "list-redacted",
                    detail: "Twilio hides texts or numbers of this account, so that its list can not be compared."
                )
            )
        }
        return .absent
    }

    private func isSame(_ message: TwilioListedMessage) -> Bool {
        guard message.to == self.to else { return false }
        // A text that was removed looks like none at all; only media can be sent without one.
        guard !message.body.isEmpty else { return self.body.isEmpty && message.hasMedia }
        let text = Self.trimmed(message.body)
        return text == self.body || text == Self.trimmed(Self.trialPrefix + self.body)
    }

    /// What may be the attempt for all that Twilio shows of it; redacted numbers end in `XXXX`.
    private func isHidden(_ message: TwilioListedMessage) -> Bool {
        message.to.hasSuffix("XXXX") || (message.to == self.to && message.body.isEmpty)
    }

    /// Whether the space around a text survives is not documented.
    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
