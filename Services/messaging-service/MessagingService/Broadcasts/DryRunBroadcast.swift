import InternalAPI
import NIOCore
import Shared

/// Says what would become of a broadcast, of a few of its recipients message by message: nothing is stored, nothing is sent.
struct DryRunBroadcast: Sendable {
    /// Recipients that are looked at one by one.
    static let sample = 10
    /// Refused recipients that are named.
    static let mostRefusals = 50

    let create: CreateBroadcast
    let dryRun: DryRunMessage
    let calls: PrepareMessages.Calls

    /// - Throws: `Problem` as the creation does.
    func callAsFunction(_ bytes: ByteBuffer, for acting: Acting, requestID: String) async throws -> JSONValue {
        let ready = try await self.create.ready(try ReadBroadcast.read(bytes), for: acting)
        let sampled = try await self.sampled(of: ready, for: acting)
        var sample: [JSONValue] = []
        for recipient in sampled {
            sample.append(try await self.trial(of: recipient, in: ready, for: acting, requestID: requestID))
        }
        let recipients = ready.recipients
        let refusals = recipients.refusals.enumerated().compactMap { index, refusal -> JSONValue? in
            guard let refusal else { return nil }
            return .object(members: [
                ("number", .number(JSONNumber(index + 1))), ("to", .text(recipients.addresses[index])),
                ("customer_id", .text(recipients.customers[index])), ("refusal", .string(refusal)),
            ])
        }
        return .object(members: [
            ("recipients", .number(JSONNumber(recipients.count))), ("refused", .number(JSONNumber(recipients.refused))),
            ("duplicates", .number(JSONNumber(recipients.duplicates))),
            ("refusals", .array(Array(refusals.prefix(Self.mostRefusals)))), ("sample", .array(sample)),
        ])
    }

    /// Somebody whom the broadcast would reach.
    private struct Sampled: Sendable {
        let address: String?
        let customerID: CustomerID?
        let parameters: [String: String]
    }

    /// The first that are not refused; of a broadcast that names nobody, the first of its audience.
    private func sampled(of ready: CreateBroadcast.Ready, for acting: Acting) async throws -> [Sampled] {
        let recipients = ready.recipients
        let named = try recipients.refusals.indices.lazy.filter { recipients.refusals[$0] == nil }.prefix(Self.sample)
            .map { index in
                Sampled(
                    address: recipients.addresses[index],
                    customerID: recipients.customers[index],
                    parameters: try [String: String](storedParameters: recipients.parameters[index])
                )
            }
        guard named.isEmpty, let audience = ready.broadcast.audience else { return named }
        let page = CustomerAPI.AudiencePage(orgID: acting.orgID, audience: audience, after: nil, limit: Self.sample)
        return try await self.create.askAudience(page).customers.map {
            Sampled(address: nil, customerID: $0, parameters: [:])
        }
    }

    private func trial(
        of recipient: Sampled,
        in ready: CreateBroadcast.Ready,
        for acting: Acting,
        requestID: String
    ) async throws -> JSONValue {
        let channel = ready.broadcast.channel
        let address: Address
        if let id = recipient.customerID {
            let question = CustomerAPI.Question(.customer(orgID: acting.orgID, id: id, kinds: channel.addressKinds))
            guard case .found(_, let found)? = try await self.calls.resolveCustomers([question]).first?.resolved else {
                return Self.refused(recipient, "customer_id has no address for this channel")
            }
            address = found
        } else {
            address = Address(recipient: recipient.address ?? "", on: channel)
        }
        do {
            let opened = try ready.content.opened(with: recipient.parameters)
            var known = try await self.values(of: opened.wanted, address, for: acting)
            if channel == .email { known[UnsubscribeLinks.word] = self.dryRun.links.example }
            let content = try ready.content.content(of: opened, for: known)
            return try await self.verdict(on: content, to: address, in: ready, for: acting, requestID: requestID)
        } catch let error as ContentRules.Violations {
            return Self.refused(recipient, error.sentence)
        }
    }

    private func values(of wanted: [String], _ address: Address, for acting: Acting) async throws -> [String: String] {
        guard !wanted.isEmpty else { return [:] }
        let question = CustomerAPI.ValuesQuestion(orgID: acting.orgID, whom: .address(address), names: wanted)
        return try await self.calls.customerValues([question]).first.flatMap(\.self) ?? [:]
    }

    private func verdict(
        on content: MessageContent,
        to address: Address,
        in ready: CreateBroadcast.Ready,
        for acting: Acting,
        requestID: String
    ) async throws -> JSONValue {
        let broadcast = ready.broadcast
        let message = NewMessage(
            recipient: .address(address),
            channel: broadcast.channel,
            accountID: ready.account.id,
            content: content,
            category: broadcast.category,
            scheduledAt: broadcast.scheduledAt,
            expiresAt: broadcast.expiresAt,
            retryPolicy: broadcast.retryPolicy,
            onUncertain: broadcast.onUncertain,
            reference: broadcast.reference,
            metadata: broadcast.metadata,
            idempotencyKey: nil
        )
        let request = CreateRequest(
            orgID: acting.orgID,
            actor: acting.actor,
            mode: acting.mode,
            requestID: requestID,
            message: message,
            idempotency: nil
        )
        return try await self.dryRun(request, by: ready.account, to: address, saying: content, unsubscribeURL: nil)
    }

    private static func refused(_ recipient: Sampled, _ reason: String) -> JSONValue {
        .object(members: [
            ("to", .text(recipient.address)), ("customer_id", .text(recipient.customerID)),
            ("refusal", .string(reason)),
        ])
    }
}
