import Batching
import FaultPoints
import InternalAPI
import Logging
package import Postgres
package import Secrets
package import Shared

/// Accepts messages for delivery: many at once, each with an answer of its own.
///
/// Requests that arrive while a batch is being written are written by the next one: a commit costs more than all else.
/// Everything that makes a message (idempotency key with the answer's bytes, message, outbox row, audit row) is one
/// transaction; what needs other services is asked before it begins.
package struct CreateMessages: Sendable {
    let postgres: PostgresPool
    let prepare: PrepareMessages
    let due: DueWork
    let notice: OutboxNotice
    let recent: RecentVerdicts
    private let metrics = CreationMetrics()

    package init(
        postgres: PostgresPool,
        prepare: PrepareMessages,
        due: DueWork,
        notice: OutboxNotice,
        recent: RecentVerdicts = RecentVerdicts()
    ) {
        self.postgres = postgres
        self.prepare = prepare
        self.due = due
        self.notice = notice
        self.recent = recent
    }

    /// Messages of templates that are made at once: what one says may be a thousand times what its request has.
    static let mostTemplated = 256

    /// - Returns: one result for each request, in their order.
    package func callAsFunction(_ requests: [CreateRequest]) async -> [Result<CreateAnswer, any Error>] {
        guard requests.count > Self.mostTemplated, requests.contains(where: \.message.namesTemplate) else {
            return await self.create(requests)
        }
        var results: [Result<CreateAnswer, any Error>] = []
        for start in stride(from: 0, to: requests.count, by: Self.mostTemplated) {
            results += await self.create(Array(requests[start...].prefix(Self.mostTemplated)))
        }
        return results
    }

    private func create(_ requests: [CreateRequest]) async -> [Result<CreateAnswer, any Error>] {
        var results: [Result<CreateAnswer, any Error>?] = Array(repeating: nil, count: requests.count)
        var candidates: [Candidate] = []
        for (index, prepared) in await self.prepared(requests).enumerated() {
            switch prepared {
            case .success(let message): candidates.append(Candidate(index: index, message: message))
            case .failure(let error): results[index] = .failure(error)
            }
        }
        for (candidate, result) in zip(candidates, await self.store(candidates)) { results[candidate.index] = result }
        return results.map { $0 ?? .failure(Problem.internal) }
    }

    /// What is asked for a batch belongs to the trace of its first message that has one: no call can belong to several.
    private func prepared(_ requests: [CreateRequest]) async -> [Result<PreparedMessage, any Error>] {
        guard let traceParent = requests.lazy.compactMap(\.traceParent).first else {
            return await self.prepare(requests)
        }
        let ids = Set(requests.map(\.requestID))
        let requestID = ids.count == 1 ? requests[0].requestID : nil
        let trace = RequestTrace(requestID: requestID ?? RequestTrace.newRequestID(), traceParent: traceParent)
        return await RequestTrace.$current.withValue(trace) { await self.prepare(requests) }
    }

    private struct Candidate: Sendable {
        let index: Int
        let message: PreparedMessage
    }

    /// Writes all in one transaction; when that fails for a reason that lies in one of them, each in its own.
    private func store(_ candidates: [Candidate]) async -> [Result<CreateAnswer, any Error>] {
        guard !candidates.isEmpty else { return [] }
        do {
            return try await self.write(candidates.map(\.message))
        } catch {
            guard candidates.count > 1, !Self.concernsAll(error) else { return candidates.map { _ in .failure(error) } }
            if let problem = error as? Problem, problem.code == Problem.idempotencyKeyInUse.code {
                return await self.storeUnkeyed(candidates, refusing: problem)
            }
            var results: [Result<CreateAnswer, any Error>] = []
            for candidate in candidates {
                do {
                    results += try await self.write([candidate.message])
                } catch {
                    results.append(.failure(error))
                }
            }
            return results
        }
    }

    /// Writes what has no idempotency key, together, after one of the keys was found to be in use: to wait for each key by
    /// itself would take as many times two seconds.
    private func storeUnkeyed(
        _ candidates: [Candidate],
        refusing problem: Problem
    ) async -> [Result<CreateAnswer, any Error>] {
        let unkeyed = candidates.filter { $0.message.request.idempotency == nil }
        var written = await self.store(unkeyed)[...]
        return candidates.map { candidate in
            guard candidate.message.request.idempotency == nil else { return .failure(problem) }
            return written.popFirst() ?? .failure(Problem.internal)
        }
    }

    /// Whether another try with fewer rows could not end better.
    private static func concernsAll(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return false }
        switch error {
        case .connectionLost, .commitUnknown, .poolExhausted, .unavailable, .statementTimeout, .serializationFailure:
            return true
        case .uniqueViolation, .checkViolation, .foreignKeyViolation, .notNullViolation, .lockTimeout, .server,
            .decoding:
            return false
        }
    }

    private func write(_ messages: [PreparedMessage]) async throws -> [Result<CreateAnswer, any Error>] {
        let orgs = Array(Set(messages.map(\.request.orgID)))
        let written: WrittenMessages
        do {
            written = try await self.postgres.transaction(for: orgs, lockTimeout: .seconds(2), plans: .kept) {
                connection in
                let written = try CreationStore.write(messages, notice: self.notice, on: connection)
                FaultPoint.createBeforeCommit.reach()
                return written
            }
        } catch PostgresError.lockTimeout {
            // Not of a key, whose wait `CreationStore` names, but of a lane that somebody holds for long.
            throw Problem.unavailable
        } catch PostgresError.commitUnknown {
            // Never written again blindly: what is there says which way it went, and what is not is answered 503.
            written = try await self.postgres.transaction(for: orgs) { connection in
                try CreationStore.outcome(of: messages, on: connection)
            }
        }
        FaultPoint.createAfterCommit.reach()
        // Before a lease that waits for them can claim them.
        self.recent.note(messages)
        self.due.add(written.dueAccounts)
        self.metrics.created(messages, in: written)
        return messages.map { written.result(for: $0) }
    }
}

/// One request to create a message, and who makes it: an object, as `PreparedMessage` is.
package final class CreateRequest: Sendable {
    /// The message's, if it is made.
    package let id: MessageID
    package let orgID: OrgID
    package let actor: String
    package let mode: KeyMode
    package let requestID: String?
    package let message: NewMessage
    /// Nil when nothing is to be deduplicated.
    package let idempotency: Idempotency?
    /// The trace that the message is to belong to.
    package let traceParent: String?

    package struct Idempotency: Sendable, Hashable {
        package let key: String
        package let fingerprint: RequestFingerprint

        package init(key: String, fingerprint: RequestFingerprint) {
            self.key = key
            self.fingerprint = fingerprint
        }
    }

    package init(
        orgID: OrgID,
        actor: String,
        mode: KeyMode,
        requestID: String?,
        message: NewMessage,
        idempotency: Idempotency?,
        id: MessageID = .new(),
        traceParent: String? = RequestTrace.current?.traceParent
    ) {
        self.id = id
        self.orgID = orgID
        self.actor = actor
        self.mode = mode
        self.requestID = requestID
        self.message = message
        self.idempotency = idempotency
        self.traceParent = traceParent
    }
}

/// The answer to a create: its bytes are stored with the message's key, and repeated for a repeated key.
package enum CreateAnswer: Sendable {
    case made(PreparedMessage)
    case replayed([UInt8])

    package var body: [UInt8] {
        switch self {
        case .made(let message): message.body
        case .replayed(let body): body
        }
    }

    package var isReplay: Bool {
        switch self {
        case .made: false
        case .replayed: true
        }
    }

    /// The message's id; nil where an answer of old has none.
    package var messageID: MessageID? {
        switch self {
        case .made(let message): message.id
        case .replayed(let body): (try? JSONValue(parsing: body))?["id"]?.string.flatMap { MessageID($0) }
        }
    }
}
