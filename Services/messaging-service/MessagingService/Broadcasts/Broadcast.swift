import InternalAPI
import Postgres
import Shared

/// One content on its way to many recipients, as it is stored.
struct StoredBroadcast: Sendable {
    let orgID: OrgID
    let id: ID<Broadcast>
    let name: String
    let accountID: AccountID
    let content: BroadcastContent
    let retryPolicy: RetryPolicy?
    let onUncertain: UncertainPolicy
    let reference: String?
    let metadata: JSONValue?
    let audience: CustomerAPI.Audience?
    let pace: BroadcastPace?
    var state: BroadcastState
    let scheduledAt: Timestamp?
    let expiresAt: Timestamp?
    let actor: String
    let mode: KeyMode
    let requestID: String?
    var counts: Counts
    /// The last customer of the audience that became a recipient; nil before the first.
    var gathered: CustomerID?
    var isGathered: Bool
    /// The last message of which it is known that it and all before it came to an end.
    var finished: MessageID?
    let createdAt: Timestamp
    let updatedAt: Timestamp
    let startedAt: Timestamp?
    let finishedAt: Timestamp?

    struct Counts: Sendable, Equatable {
        /// Rows of recipients; more may come as long as the audience is not gathered.
        var recipients = 0
        /// The number of the last recipient that was dealt with.
        var cursor = 0
        var messages = 0
        var refused = 0
        var duplicates = 0
    }

    var channel: Channel { self.content.channel }
    var category: Shared.Category { self.content.category }
    var isExpanded: Bool { self.isGathered && self.counts.cursor == self.counts.recipients }
}

extension StoredBroadcast {
    init(_ row: Row) throws {
        let metadata: String? = try row.getIfPresent("metadata")
        let audience: String? = try row.getIfPresent("audience")
        let size: Int? = try row.getIfPresent("batch_size")
        let interval: Int? = try row.getIfPresent("interval_ms")
        let delays: [Int]? = try row.getIfPresent("retry_delays")
        self.init(
            orgID: try row.get("org_id"),
            id: try row.get("id"),
            name: try row.get("name"),
            accountID: try row.get("account_id"),
            content: try BroadcastContent(
                stored: try row.get("content"),
                channel: try row.get("channel"),
                category: try row.get("category")
            ),
            retryPolicy: delays.map { RetryPolicy(milliseconds: $0) },
            onUncertain: try row.get("on_uncertain"),
            reference: try row.getIfPresent("reference"),
            metadata: try metadata.map { try JSONValue(parsing: Array($0.utf8)) },
            audience: try audience.map { try CustomerAPI.Audience(stored: $0) },
            pace: size.flatMap { size in
                interval.map { BroadcastPace(batchSize: size, interval: .milliseconds($0)) }
            },
            state: try row.get("state"),
            scheduledAt: try row.getIfPresent("scheduled_at"),
            expiresAt: try row.getIfPresent("expires_at"),
            actor: try row.get("actor"),
            mode: KeyMode(rawValue: try row.get("mode")) ?? .test,
            requestID: try row.getIfPresent("request_id"),
            counts: Counts(
                recipients: try row.get("recipients"),
                cursor: try row.get("cursor"),
                messages: try row.get("messages"),
                refused: try row.get("refused"),
                duplicates: try row.get("duplicates")
            ),
            gathered: try row.getIfPresent("gathered"),
            isGathered: try row.get("is_gathered"),
            finished: try row.getIfPresent("finished"),
            createdAt: try row.get("created_at"),
            updatedAt: try row.get("updated_at"),
            startedAt: try row.getIfPresent("started_at"),
            finishedAt: try row.getIfPresent("finished_at")
        )
    }

    /// As the public API shows it.
    var members: [(String, JSONValue)] {
        let number: (Int) -> JSONValue = { .number(JSONNumber($0)) }
        var members: [(String, JSONValue)] = [
            ("id", .text(self.id)), ("org_id", .text(self.orgID)), ("name", .string(self.name)),
            ("channel", .string(self.channel.rawValue)), ("account_id", .text(self.accountID)),
            ("status", .string(self.state.rawValue)), ("category", .string(self.category.rawValue)),
        ]
        members += self.content.shown
        members += [
            ("group_ids", .array((self.audience?.groups ?? []).map { .text($0) })),
            ("filter", self.audience?.filter?.json ?? .null), ("reference", .text(self.reference)),
            ("metadata", self.metadata ?? .null), ("batch_size", self.pace.map { number($0.batchSize) } ?? .null),
            ("batch_interval_seconds", self.pace.map { number(Int($0.interval.milliseconds / 1000)) } ?? .null),
            (
                "progress",
                .object(members: [
                    ("recipients", number(self.counts.recipients)), ("is_complete", .bool(self.isGathered)),
                    ("processed", number(self.counts.cursor)), ("messages", number(self.counts.messages)),
                    ("refused", number(self.counts.refused)), ("duplicates", number(self.counts.duplicates)),
                ])
            ),
        ]
        let times: [(String, Timestamp?)] = [
            ("scheduled_at", self.scheduledAt), ("expires_at", self.expiresAt), ("created_at", self.createdAt),
            ("updated_at", self.updatedAt), ("started_at", self.startedAt), ("finished_at", self.finishedAt),
        ]
        return members + times.map { ($0.0, .text($0.1)) }
    }

    var json: JSONValue { .object(members: self.members) }
}

extension CustomerAPI.Audience {
    /// The column `broadcasts.audience`.
    var json: JSONValue {
        .object(members: [
            ("group_ids", .array(self.groups.map { .text($0) })), ("filter", self.filter?.json ?? .null),
        ])
    }

    fileprivate init(stored text: String) throws {
        let value = try JSONValue(parsing: Array(text.utf8))
        let filter = value["filter"].flatMap { $0.isNull ? nil : $0 }
        self.init(
            groups: (value["group_ids"]?.array ?? []).compactMap { $0.string.flatMap { ID<Group>($0) } },
            filter: filter.map { filter in
                CustomerAPI.AudienceFilter(
                    fields: Dictionary(
                        (filter["fields"]?.object?.members ?? []).map { ($0.name, $0.value.string ?? "") },
                        uniquingKeysWith: { $1 }
                    ),
                    group: filter["group"]?.string,
                    isGuest: filter["guest"]?.bool
                )
            }
        )
    }
}

extension CustomerAPI.AudienceFilter {
    fileprivate var json: JSONValue {
        let fields = self.fields.sorted { $0.key < $1.key }
        return .object(members: [
            ("fields", .object(members: fields.map { ($0.key, .string($0.value)) })), ("group", .text(self.group)),
            ("guest", self.isGuest.map { .bool($0) } ?? .null),
        ])
    }
}
