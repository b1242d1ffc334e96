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
        var drafts: [Draft] = []
        for create in creates { drafts.append(await self.draft(of: create)) }
        let together = drafts.indices.filter { drafts[$0].isWithoutFiles }
        let results = await self.creations.submit(contentsOf: together.compactMap { try? drafts[$0].request.get() })
        for (index, result) in zip(together, results) { drafts[index].answer = result }
        return await withTaskGroup(of: (Int, Result<CreateAnswer, any Error>).self) { tasks in
            for (index, draft) in drafts.enumerated() { tasks.addTask { (index, await self.answer(to: draft)) } }
            return await tasks.reduce(into: drafts.map { _ in .failure(Problem.internal) }) { $0[$1.0] = $1.1 }
        }
    }

    /// One of several: what it asks for, and what came of it.
    private struct Draft: Sendable {
        let orgID: OrgID
        var idempotency: CreateRequest.Idempotency?
        var request: Result<CreateRequest, any Error>
        var answer: Result<CreateAnswer, any Error>?

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
            if let answer = draft.answer { return .success(try answer.get()) }
            return .success(try await self.creationsWithFiles.submit(try draft.request.get()))
        } catch {
            do {
                return .success(try await self.firstAnswer(to: draft.idempotency, of: draft.orgID, insteadOf: error))
            } catch {
                return .failure(error)
            }
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
