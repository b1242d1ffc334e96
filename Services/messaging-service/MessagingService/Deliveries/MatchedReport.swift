import Foundation
import InternalAPI
import Postgres
import Shared

/// A stored report whose attempt has become known.
struct MatchedReport: Sendable {
    let key: EventKey
    let reference: AttemptReference
    let report: ProviderReport

    init(_ row: Row) throws {
        self.key = try EventKey(row)
        self.reference = AttemptReference(messageID: try row.get("message_id"), number: try row.get("number"))
        let stored: String = try row.get("report")
        self.report = try JSONDecoder().decode(ProviderReport.self, from: Data(stored.utf8))
    }

    var message: MessageKey { MessageKey(orgID: self.key.orgID, id: self.reference.messageID) }

    /// Nil for a note, which says nothing about the state.
    var event: AttemptEvent? {
        DeliveryEvent(self.report).map {
            AttemptEvent(
                orgID: self.key.orgID,
                reference: self.reference,
                event: $0,
                source: .provider(eventKey: self.key.key)
            )
        }
    }
}

/// What became of a report, as it is stored.
struct StoredEffect: Sendable {
    let effect: MessagingAPI.ReportEffect
    /// Why it was ignored, or the status it led to.
    let detail: String?

    /// Its message is not known.
    static let unmatched = Self(effect: .unmatched, detail: nil)

    init(effect: MessagingAPI.ReportEffect, detail: String?) {
        self.effect = effect
        self.detail = detail
    }

    init(_ effect: SettleMessages.Effect) {
        switch effect {
        case .applied(let status): self.init(effect: .applied, detail: status.rawValue)
        case .ignored(let reason): self.init(effect: .ignored, detail: reason)
        case .unknown: self = .unmatched
        }
    }

    /// Of a report that says nothing about the state.
    init(noteOf report: ProviderReport) {
        guard case .note(let text) = report.status else {
            self.init(effect: .ignored, detail: nil)
            return
        }
        self.init(effect: .ignored, detail: "note: \(text)")
    }
}
