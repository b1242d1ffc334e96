import Foundation
import Postgres
import Shared

/// One attempt as the public API shows it.
struct AttemptResource: Sendable {
    let number: Int
    let state: AttemptState
    let worker: String?
    let startedAt: Timestamp?
    let endedAt: Timestamp?
    let providerMessageID: String?
    let error: JSONValue
    let providerResponse: String?
    let retryAt: Timestamp?
    let steppedAside: Bool
    let recordedAt: Timestamp
    /// It was not made, because its recipient's quiet hours lasted until `retryAt`.
    let isPutOff: Bool

    init(_ row: Row) throws(PostgresError) {
        self.number = try row.get("number")
        self.steppedAside = try row.get("stepped_aside")
        self.state = try row.get("state")
        self.worker = try row.getIfPresent("worker")
        self.startedAt = try row.getIfPresent("started_at")
        self.endedAt = try row.getIfPresent("ended_at")
        self.providerMessageID = try row.getIfPresent("provider_message_id")
        let code: String? = try row.getIfPresent("error_code")
        let detail: String? = try row.getIfPresent("error_detail")
        let failureClass: FailureClass? = try row.getIfPresent("error_class")
        self.error = code.map { .failure($0, detail, failureClass) } ?? .null
        self.isPutOff = code == ProviderError.quietHoursCode
        self.providerResponse = try row.getIfPresent("provider_response")
        self.retryAt = try row.getIfPresent("retry_at")
        self.recordedAt = try row.get("recorded_at")
    }

    var json: JSONValue {
        .object(members: [
            ("number", .number(JSONNumber(self.number))), ("outcome", .string(self.state.rawValue)),
            ("worker", .text(self.worker)), ("started_at", .text(self.startedAt)), ("ended_at", .text(self.endedAt)),
            ("provider_message_id", .text(self.providerMessageID)), ("error", self.error),
            ("provider_response", .text(self.providerResponse)), ("next_retry_at", .text(self.retryAt)),
        ])
    }
}

/// One provider report as the timeline shows it.
struct ReportResource: Sendable {
    let attempt: Int?
    let report: ProviderReport
    let effect: String
    let effectDetail: String?
    let receivedAt: Timestamp

    init(_ row: Row) throws {
        self.attempt = try row.getIfPresent("attempt")
        let report: String = try row.get("report")
        self.report = try JSONDecoder().decode(ProviderReport.self, from: Data(report.utf8))
        self.effect = try row.get("effect")
        self.effectDetail = try row.getIfPresent("effect_detail")
        self.receivedAt = try row.get("received_at")
    }
}
