import Batching
import HTTPService
import InternalAPI
import NIOCore
import Shared

extension SubmitMessage {
    /// Several that come in one call, which are written together.
    ///
    /// - Returns: the answer to each or what is wrong with it, as if it had come by itself; in their order.
    func callAsFunction(_ creates: [GatheredCreate]) async -> [Result<CreateAnswer, any Error>] {
        let drafts = await Self.each(creates) { await self.draft(of: $0) }
        let together = drafts.indices.filter { drafts[$0].isWithoutFiles }
        let others = drafts.indices.filter { !drafts[$0].isWithoutFiles }
        async let written = self.creations.submit(withoutFiles: together.compactMap { try? drafts[$0].request.get() })
        async let submitted = Self.each(others) { index in await self.answer(to: drafts[index]) }
        var results: [Result<CreateAnswer, any Error>] = drafts.map { _ in .failure(Problem.internal) }
        for (index, result) in zip(together, await written) { results[index] = result }
        for (index, result) in zip(others, await submitted) { results[index] = result }
        let failed = drafts.indices.compactMap { index -> (index: Int, draft: Draft, error: any Error)? in
            guard case .failure(let error) = results[index] else { return nil }
            return (index, drafts[index], error)
        }
        let last = await Self.each(failed) { await self.lastAnswer(to: $0.draft, insteadOf: $0.error) }
        for (failure, result) in zip(failed, last) { results[failure.index] = result }
        return results
    }

    /// Calls `transform` for all of them at the same time.
    private static func each<Item: Sendable, Output: Sendable>(
        _ items: [Item],
        _ transform: @escaping @Sendable (Item) async -> Output
    ) async -> [Output] {
        await withTaskGroup(of: (Int, Output).self) { tasks in
            for (index, item) in items.enumerated() { tasks.addTask { (index, await transform(item)) } }
            return await tasks.reduce(into: [Output?](repeating: nil, count: items.count)) { $0[$1.0] = $1.1 }
                .compactMap(\.self)
        }
    }

    /// One of several: what it asks for.
    private struct Draft: Sendable {
        let orgID: OrgID
        var idempotency: CreateRequest.Idempotency?
        var request: Result<CreateRequest, any Error>

        var isWithoutFiles: Bool { (try? self.request.get().message.attachments.isEmpty) ?? false }
    }

    private func draft(of create: GatheredCreate) async -> Draft {
        var draft = Draft(orgID: create.acting.orgID, request: .failure(Problem.internal))
        do {
            let body = try Self.message(in: create.body)
            draft.idempotency = try self.idempotency(of: body, header: create.idempotencyKey)
            let (idempotency, requestID) = (draft.idempotency, create.trace.requestID)
            let request = try await RequestTrace.$current.withValue(create.trace) {
                try await self.read(body, idempotency, for: create.acting, requestID: requestID)
            }
            draft.request = .success(request)
        } catch {
            draft.request = .failure(error)
        }
        return draft
    }

    private func answer(to draft: Draft) async -> Result<CreateAnswer, any Error> {
        do {
            return .success(try await self.creations.submit(try draft.request.get()))
        } catch {
            return .failure(error)
        }
    }

    /// The answer that was given before, where there is one.
    private func lastAnswer(
        to draft: Draft,
        insteadOf error: any Error
    ) async -> Result<CreateAnswer, any Error> {
        if case .full? = error as? CoalescerFailure { return .failure(Overload()) }
        do {
            return .success(try await self.firstAnswer(to: draft.idempotency, of: draft.orgID, insteadOf: error))
        } catch {
            return .failure(error)
        }
    }

    private static func message(in body: ByteBuffer) throws(Problem) -> JSONValue {
        do {
            return try JSONValue(parsing: Array(body.readableBytesView))
        } catch {
            throw .malformedJSON(error)
        }
    }
}
