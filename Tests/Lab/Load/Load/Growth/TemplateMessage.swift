import Foundation
import Postgres

/// A message that was created and delivered as any other, which the rows made by SQL are like.
struct TemplateMessage: Sendable {
    let id: UUID
    let orgID: UUID
    let accountID: UUID

    private struct Created: Decodable {
        let id: UUID
    }

    static func make(_ lab: Lab, _ tenant: Tenant) async throws -> TemplateMessage {
        let answer = try await CreateMessage.whatsApp(lab, tenant)(0)
        guard answer.status == CreateMessage.created,
            let created = try? JSONDecoder().decode(Created.self, from: answer.body)
        else {
            throw LoadFailure("No message can be made (\(answer.status)): \(answer.explanation)")
        }
        return TemplateMessage(id: created.id, orgID: tenant.id, accountID: tenant.account.id)
    }
}

/// Parts of SQL that name rows by number.
///
/// Nothing of it comes from outside: ids of ours, and numbers.
enum NumberedRow {
    enum Kind: String {
        case message = "8000"
        case customer = "9000"
        case conversation = "a000"
        case line = "b000"
    }

    /// The id of the row of that kind whose number the expression `number` gives; all are older than what is made by services.
    static func id(_ kind: Kind, _ number: String) -> String {
        "('00000000-0000-7000-\(kind.rawValue)-' || lpad(to_hex(\(number)), 12, '0'))::uuid"
    }

    /// A telephone number that no loop writes to.
    static func phone(_ number: String) -> String { "'+49160' || (1000000000 + \(number))" }
}
