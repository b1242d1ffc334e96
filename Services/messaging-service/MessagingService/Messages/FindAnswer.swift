import Postgres
import Secrets
import Shared

/// Finds the stored answer of a request that would now be refused.
///
/// A repetition is answered as the first time, whatever has changed since: a time that is over, an account that is gone.
package struct FindAnswer: Sendable {
    let postgres: PostgresPool

    /// - Returns: nil when the key is free, or was used for another request.
    func callAsFunction(_ idempotency: CreateRequest.Idempotency, of orgID: OrgID) async throws -> CreateAnswer? {
        let name = IdempotencyName(orgID: orgID, key: idempotency.key)
        let answers = try await self.postgres.transaction(for: [orgID]) { connection in
            try CreationStore.answers(in: try connection.query(CreationStore.answers(of: [name])))
        }
        guard let answer = answers[name], idempotency.fingerprint.matches(answer.fingerprint) else { return nil }
        return .replayed(answer.body)
    }
}
