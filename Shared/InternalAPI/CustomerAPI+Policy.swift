package import Shared

extension CustomerAPI {
    /// Most items of one call of this file.
    package static let mostPolicyItems = 1000

    /// Asks whether messages may be sent to their recipients: `POST /internal/policy/check`.
    ///
    /// At most 1,000 items, of any organizations. What was answered 200 before this call, be it an opt-out, counts. At the
    /// stage `sending` a message that may go is counted, once however often it is asked about, until `release`.
    /// - Returns: one answer for each item, in their order.
    package func checkPolicy(_ items: [PolicyCheck]) async throws -> [PolicyVerdict] {
        let answer: PolicyAnswer = try await self.client.post(
            "/internal/policy/check",
            PolicyRequest(items: items),
            repeatable: true
        )
        return answer.items
    }

    /// Takes messages out of their recipients' counts that were not sent after all: `POST /internal/policy/release`.
    ///
    /// At most 1,000; those that were never counted change nothing.
    package func release(_ sends: [CountedSend]) async throws {
        let _: Released = try await self.client.post(
            "/internal/policy/release",
            ReleaseRequest(sends: sends),
            repeatable: true
        )
    }

    package struct PolicyRequest: Sendable {
        package let items: [PolicyCheck]

        package init(items: [PolicyCheck]) {
            self.items = items
        }
    }

    package struct PolicyAnswer: Sendable {
        package let items: [PolicyVerdict]

        package init(items: [PolicyVerdict]) {
            self.items = items
        }
    }

    /// A message, as far as its recipient is concerned.
    package struct PolicyCheck: Sendable, Equatable {
        package enum Stage: String, Codable, Sendable {
            /// Consent alone: the rest is judged when it is sent.
            case creation
            /// Everything, and it is counted.
            case sending
            /// Everything, for a message that is not there: nothing is counted.
            case trial
        }

        package let orgID: OrgID
        package let messageID: MessageID
        /// Nil where only the address is known.
        package let customerID: CustomerID?
        package let address: Address
        package let channel: Channel
        package let category: Category
        package let stage: Stage
        /// The organization's.
        package let rules: SendingRules
        /// By the organization's clock.
        package let at: Timestamp

        package init(
            orgID: OrgID,
            messageID: MessageID,
            customerID: CustomerID?,
            address: Address,
            channel: Channel,
            category: Category,
            stage: Stage,
            rules: SendingRules,
            at: Timestamp
        ) {
            self.orgID = orgID
            self.messageID = messageID
            self.customerID = customerID
            self.address = address
            self.channel = channel
            self.category = category
            self.stage = stage
            self.rules = rules
            self.at = at
        }
    }

    package enum PolicyVerdict: Codable, Sendable, Equatable {
        case allowed
        /// The recipient's quiet hours last until then.
        case waits(until: Timestamp)
        case blocked(PolicyBlock)
    }

    /// Why a message is not sent.
    package enum PolicyBlock: String, Codable, Sendable, Equatable, CaseIterable {
        /// The address is on the do-not-contact list.
        case suppressed
        case optedOut = "opted_out"
        case notOptedIn = "not_opted_in"
        /// The recipient got as many as the organization allows.
        case capped
    }

    /// A message that may have been counted.
    package struct CountedSend: Codable, Sendable, Hashable {
        package let orgID: OrgID
        package let messageID: MessageID

        package init(orgID: OrgID, messageID: MessageID) {
            self.orgID = orgID
            self.messageID = messageID
        }
    }

    package struct ReleaseRequest: Codable, Sendable {
        package let sends: [CountedSend]

        package init(sends: [CountedSend]) {
            self.sends = sends
        }
    }

    package struct Released: Codable, Sendable {
        package init() {}
    }
}
