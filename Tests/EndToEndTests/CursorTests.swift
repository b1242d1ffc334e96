import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Pages while what they list is added to and taken from.
@Suite struct CursorTests {
    private static let resources: [(path: String, new: @Sendable (Int) -> JSONValue)] = [
        ("/customers", { ["name": .string("Customer \($0)")] }), ("/groups", { ["name": .string("group-\($0)")] }),
        (
            "/templates",
            { ["code": .string("t\($0)"), "channel": "sms", "language": "en", "body": "Hi"] }
        ),
    ]

    @Test(.timeLimit(.minutes(5))) func nothingThatWasThereIsMissedOrListedTwice() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            for (path, new) in Self.resources {
                let name = Comment(rawValue: path)
                var made: [String] = []
                for index in 0..<7 { made.append(try await tenant.post("/api/v1\(path)", new(index)).id) }
                let removed = made[3]
                var (listed, cursor, index): ([String], String?, Int) = ([], nil, 7)
                repeat {
                    let query = cursor.map { "&cursor=\($0)" } ?? ""
                    let page = try await tenant.get("/api/v1\(path)?limit=2\(query)").json
                    listed += page["data"]?.array?.compactMap { $0["id"]?.string } ?? []
                    cursor = page["next_cursor"]?.string
                    if index < 10 { _ = try await tenant.post("/api/v1\(path)", new(index)) }
                    if index == 7 { _ = try await tenant.send(.DELETE, "/api/v1\(path)/\(removed)", nil, [:]) }
                    index += 1
                } while cursor != nil
                #expect(Set(listed).count == listed.count, name)
                #expect(Set(made).subtracting(listed).isSubset(of: [removed]), name)
            }
        }
    }
}
