import InternalAPI
import Shared

/// Seconds of a day on which all tests happen.
func second(_ seconds: Int) -> Timestamp {
    Timestamp(microseconds: 1_796_108_400_000_000) + .seconds(seconds)
}

extension Contact {
    /// A message that the contact sends, at a second of the day.
    func message(
        _ key: String,
        at seconds: Int,
        from address: String? = nil,
        keyword: Keyword? = nil,
        optOut: OptOut? = nil,
        channel: Channel = .sms
    ) -> ConversationAPI.Receive {
        ConversationAPI.Receive(
            orgID: self.orgID,
            customerID: self.customerID,
            accountID: self.accountID,
            channel: channel,
            address: address.map { Address(kind: .phone, value: $0) } ?? self.address,
            eventKey: key,
            keyword: keyword,
            optOut: optOut,
            occurredAt: second(seconds)
        )
    }
}
