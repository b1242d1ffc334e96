import InternalAPI
import Postgres
import Secrets
import Shared

/// Says what would become of a message, by the same rules as a real one: nothing is stored, nothing is sent.
struct DryRunMessage: Sendable {
    let accounts: ChooseAccounts
    let checkPolicy: PolicyGate.Ask
    let templates: FillTemplates
    let links: UnsubscribeLinks
    let postgres: PostgresPool

    /// - Returns: the resource as it would be, `rendered`, and `gates` with the verdict of each.
    func callAsFunction(_ request: CreateRequest) async throws -> JSONValue {
        let message = request.message
        guard case .address(let address) = message.recipient, let channel = message.channel else {
            throw Problem.invalidRequest([
                .init(pointer: "/to", detail: "and channel are required for a dry run")
            ])
        }
        let wish = ChooseAccounts.Wish(
            orgID: request.orgID,
            mode: request.mode,
            channel: channel,
            accountID: message.accountID
        )
        guard let choice = try await self.accounts([wish]).first else { throw Problem.internal }
        let account = try choice.get()
        let link = UnsubscribeLink(
            of: request.id,
            for: request.orgID,
            on: channel,
            to: address.value,
            by: account
        )
        let unsubscribeURL = self.links.url(link)
        return try await self.callAsFunction(
            request,
            by: account,
            to: address,
            saying: try await self.content(of: request, channel, to: address, unsubscribeURL),
            unsubscribeURL: unsubscribeURL
        )
    }

    /// - Parameters:
    ///   - request: of which all but the recipient and the content counts.
    ///   - account: by which it would be sent.
    ///   - address: the recipient's.
    ///   - content: with its template filled.
    ///   - unsubscribeURL: for the places that it keeps for it.
    /// - Throws: `Problem` `invalid-request`; what a service throws that can not be asked.
    /// - Returns: the resource as it would be, `rendered`, and `gates` with the verdict of each.
    func callAsFunction(
        _ request: CreateRequest,
        by account: ChosenAccount,
        to address: Address,
        saying content: MessageContent,
        unsubscribeURL: String?
    ) async throws -> JSONValue {
        let message = request.message
        let channel = message.channel ?? account.channel
        let content = try RenderContent.render(
            content,
            message.category,
            on: channel,
            by: account,
            unsubscribeURL: unsubscribeURL
        )
        let standing = try await self.standing(of: account.id, address, of: request.orgID)
        let now = Timestamp.now + account.clockOffset
        let policy = try await self.policy(request, address, account, at: message.scheduledAt ?? now)
        let isLater = message.scheduledAt.map { $0 > now } ?? false
        let resource = MessageResource(
            id: .new(at: now),
            orgID: request.orgID,
            channel: channel,
            status: policy.block != nil ? .skipped : isLater ? .scheduled : .queued,
            address: address.value,
            customerID: nil,
            conversationID: nil,
            accountID: account.id,
            content: content.json,
            category: message.category,
            reference: message.reference,
            metadata: message.metadata,
            retryPolicy: message.retryPolicy ?? account.retryPolicy ?? RetryPolicy.Preset.outbox.policy,
            onUncertain: message.onUncertain,
            scheduledAt: message.scheduledAt,
            nextAttemptAt: policy.block == nil ? message.scheduledAt ?? now : nil,
            expiresAt: message.expiresAt,
            error: policy.block.map { .failure($0.code, $0.detail, .permanent) } ?? .null,
            createdAt: now,
            updatedAt: now,
            queuedAt: isLater || policy.block != nil ? nil : now
        )
        var gates: [JSONValue] = [
            Self.gate("schedule", isLater ? "wait" : "pass", message.scheduledAt.map { "due at \($0)" }),
            Self.gate("queue", standing.pause == nil ? "pass" : "wait", standing.pause),
            Self.gate("account", standing.gate.gate == .open ? "pass" : "wait", standing.gate.reason),
        ]
        gates += policy.gates.map { Self.gate($0.name, $0.verdict, $0.detail) }
        if channel == .whatsapp, content.needsWindow {
            let gate = standing.window.gate(at: now, isEnforced: standing.enforcesWindow)
            gates.append(Self.gate("window", gate.verdict, gate.detail))
        }
        var members = resource.members.filter { $0.0 != "id" }
        if let segments = resource.segments { members.append(("encoding", .string(segments.encoding.rawValue))) }
        members += [("rendered", content.rendered(on: channel).json), ("gates", .array(gates))]
        return .object(members: members)
    }

    /// Judged by the same rules as when it is sent, but for the count, which it does not enter.
    private func policy(
        _ request: CreateRequest,
        _ address: Address,
        _ account: ChosenAccount,
        at time: Timestamp
    ) async throws -> PolicyGates {
        let message = request.message
        let check = CustomerAPI.PolicyCheck(
            orgID: request.orgID,
            messageID: .new(),
            customerID: nil,
            address: address,
            channel: message.channel ?? .sandbox,
            category: message.category,
            stage: .trial,
            rules: account.rules,
            at: time
        )
        guard let verdict = try await self.checkPolicy([check]).first else { throw Problem.internal }
        return PolicyGates(verdict, isVerified: message.channel != .sms || account.mayUseSMS)
    }

    /// What it would say: a stored template filled, with what is known of whoever has the address already.
    private func content(
        of request: CreateRequest,
        _ channel: Channel,
        to address: Address,
        _ unsubscribeURL: String?
    ) async throws -> MessageContent {
        let content = request.message.content
        guard let reference = content.template else { return content }
        let use = FillTemplates.Use(orgID: request.orgID, channel: channel, reference: reference)
        guard let filling = try await self.templates.find([use]).first?.get() else { return content }
        let open = FillTemplates.Open(
            orgID: request.orgID,
            filling: filling,
            customer: .address(address),
            unsubscribeURL: unsubscribeURL
        )
        guard var filled = try await self.templates.fill([open]).first?.get() else { throw Problem.internal }
        filled.takeEnvelope(of: content)
        return filled
    }

    private struct Standing: Sendable {
        let gate: AccountGate
        let pause: String?
        let window: ConversationWindow
        let enforcesWindow: Bool
    }

    private func standing(of id: AccountID, _ address: Address, of orgID: OrgID) async throws -> Standing {
        let row = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                SELECT f.gate, f.gate_since, f.gate_by, f.gate_reason, f.probe_at, f.enforce_window,
                       (SELECT max(w.last_inbound_at) FROM conversation_windows w
                         WHERE w.org_id = f.org_id AND w.account_id = f.account_id AND w.address = \(address.value)
                       ) AS last_inbound_at,
                       CASE WHEN e.fenced_at IS NOT NULL THEN 'the database was restored, and that is not reconciled yet'
                            WHEN e.paused_at IS NOT NULL THEN 'everything is paused'
                            WHEN s.paused_at IS NOT NULL THEN 'the queue is paused by ' || s.paused_by END AS pause
                  FROM account_flows f CROSS JOIN engine_state e LEFT JOIN org_settings s ON s.org_id = f.org_id
                 WHERE f.org_id = \(orgID) AND f.account_id = \(id)
                """
            ).first
        }
        guard let row else { throw Problem.internal }
        return Standing(
            gate: try AccountGate(row),
            pause: try row.getIfPresent("pause"),
            window: ConversationWindow(lastInboundAt: try row.getIfPresent("last_inbound_at")),
            enforcesWindow: try row.get("enforce_window")
        )
    }

    private static func gate(_ name: String, _ verdict: String, _ detail: String?) -> JSONValue {
        .object(members: [("gate", .string(name)), ("verdict", .string(verdict)), ("detail", .text(detail))])
    }
}
