import Shared

/// Does one thing with a message, with several by their ids, or with all that match filters.
struct ActOnMessages {
    /// The most ids that one request may have.
    static let mostIDs = 1000

    let action: MessageAction
    let client: APIClient
    let job: JobOptions
    let output: OutputOptions

    func callAsFunction(on selection: MessageSelection, in session: Session) async throws {
        switch selection {
        case .one(let id): try await self.one(id, in: session)
        case .several(let ids): try await self.several(ids, in: session)
        case .matching(let filters):
            let job = try await self.client(.post("/api/v1/messages/bulk", self.body("filter", filters.json)))
            try await self.job.show(job, from: self.client, as: self.output, in: session)
        }
    }

    private func one(_ id: String, in session: Session) async throws {
        let path = "/api/v1/messages/\(APIRequest.encode(id))"
        switch self.action {
        case .cancel, .retry, .sendNow:
            let answer = try await self.client(.post("\(path)/\(self.action.rawValue)"))
            try self.output.show(answer, from: self.client, in: session) { MessageText.of($0) }
        case .delete:
            _ = try await self.client(.delete(path))
            switch self.output.format(in: session.context) {
            case .json: break
            case .table: session.context.write("Deleted.\n")
            }
        }
    }

    private func several(_ ids: [String], in session: Session) async throws {
        var results: [JSONValue] = []
        do {
            for start in stride(from: 0, to: ids.count, by: Self.mostIDs) {
                let part = ids[start..<min(start + Self.mostIDs, ids.count)].map { JSONValue.string($0) }
                let answer = try await self.client(.post("/api/v1/messages/bulk", self.body("ids", .array(part))))
                guard let data = answer.json?["data"]?.array else { throw self.client.foreign(answer) }
                results += data
            }
        } catch {
            // What has been done must be known, although the rest was not.
            if !results.isEmpty { self.show(results, in: session) }
            throw error
        }
        self.show(results, in: session)
        guard results.allSatisfy(BulkResult.isDone) else { throw CommandFailure.partlyRefused }
    }

    private func show(_ results: [JSONValue], in session: Session) {
        switch self.output.format(in: session.context) {
        case .json: session.context.write(JSONValue.object(["data": .array(results)]).text + "\n")
        case .table: session.context.write(TextTable.text(BulkResult.columns, results))
        }
    }

    private func body(_ name: String, _ value: JSONValue) -> JSONValue {
        ["action": .string(self.action.rawValue), name: value]
    }
}
