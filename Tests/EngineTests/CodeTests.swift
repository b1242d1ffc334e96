import Foundation
import Installation
import ProviderStub
import Shared
import Testing

extension Engine {
    /// One-time codes, which are worth nothing when they come late.
    @Suite struct CodeTests {
        /// How long the provider takes for the message before.
        private static let delay: Duration = .seconds(5)

        @Test(.timeLimit(.minutes(5)))
        func aCodeDoesNotWaitForOtherMessagesOfItsConversation() async throws {
            try await withInstallation { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                // Opens connections and reads statements, in another conversation.
                let first = try await tenant.create(Self.code(to: phone(1)))
                _ = try #require(try await timeUntil(.seconds(30)) { herald.stub.handedOver.ids.contains(first) })

                herald.stub.behaviours.set(
                    BehaviourRule(.slow(Self.delay), times: 1),
                    for: BehaviourMatch(to: phone(0))
                )
                let head = try await tenant.create(textMessage(to: phone(0), "Slow"))
                _ = try #require(try await timeUntil(.seconds(10)) { try await tenant.status(of: head) == "sending" })
                // Long enough for its request to have reached the provider: the slow answer is for this one.
                try await pause(.milliseconds(500))
                let behind = try await tenant.create((0..<3).map { textMessage(to: phone(0), "Behind \($0)") })

                let start = Date()
                let code = try await tenant.create(Self.code(to: phone(0)))
                _ = try #require(
                    try await timeUntil(.seconds(4), every: .milliseconds(10)) {
                        herald.stub.handedOver.ids.contains(code)
                    }
                )
                #expect(!herald.stub.handedOver.ids.contains(head), "The message before was no longer in the way.")
                let drained = try await tenant.drain(within: .seconds(30))

                let handed = herald.stub.handedOver
                let took = (handed.firstAt[code]?.timeIntervalSince(start) ?? .infinity) * 1000
                print("code: on its way \(took.rounded()) ms after its create, beside a message of \(Self.delay)")
                #expect(drained != nil)
                #expect(took < (Programs.current.areOptimized ? 200 : 1000))
                #expect(handed.order == [first, code, head] + behind)
            }
        }

        private static func code(to recipient: String) -> JSONValue {
            textMessage(to: recipient, "Your code is 123456", ["category": "otp"])
        }
    }
}
