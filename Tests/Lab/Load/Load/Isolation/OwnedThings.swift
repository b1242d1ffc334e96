import Foundation

/// Finds one thing of each kind that a key's organization has.
struct OwnedThings {
    struct Thing: Sendable {
        let kind: String
        let id: UUID

        func path(_ id: UUID) -> String { "/api/v1/\(self.kind)/\(id.uuidString.lowercased())" }
    }

    private struct Page: Decodable {
        struct Entry: Decodable {
            let id: UUID
        }

        let data: [Entry]
    }

    let client: LoadClient

    func callAsFunction(_ kinds: [String]) async throws -> [Thing] {
        var things: [Thing] = []
        for kind in kinds {
            let answer = try await self.client.get("/api/v1/\(kind)?limit=1")
            guard answer.status == 200, let page = try? JSONDecoder().decode(Page.self, from: answer.body) else {
                throw LoadFailure("The \(kind) can not be listed with --other-key: \(answer.explanation)")
            }
            if let entry = page.data.first { things.append(Thing(kind: kind, id: entry.id)) }
        }
        return things
    }
}
