import NIOHTTP1
import Shared
import TestSupport
import Testing

/// A change that was made of an older state is refused, by whichever service owns the resource.
@Suite struct PreconditionTests {
    private struct Resource {
        let path: String
        let new: JSONValue
        let change: JSONValue
        let other: JSONValue
    }

    private static let resources = [
        Resource(
            path: "/customers",
            new: ["name": "Ann"],
            change: ["name": "Bob"],
            other: ["fields": ["tier": "gold"]]
        ),
        Resource(path: "/groups", new: ["name": "vip"], change: ["name": "gold"], other: ["name": "silver"]),
        Resource(
            path: "/templates",
            new: ["code": "hi", "channel": "sms", "language": "en", "body": "Hi"],
            change: ["body": "Hello"],
            other: ["body": "Bye"]
        ),
        Resource(
            path: "/channel-accounts",
            new: ["channel": "sandbox", "provider": "sandbox", "name": "one"],
            change: ["name": "two"],
            other: ["settings": ["rate_per_second": 5]]
        ),
        Resource(
            path: "/keys",
            new: ["name": "one", "scopes": ["messages:read"]],
            change: ["name": "two"],
            other: ["rate_limit": ["per_second": 5]]
        ),
    ]

    @Test(.timeLimit(.minutes(5))) func everyEditableResourceHasATagThatItsChangesMayName() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            for resource in Self.resources {
                let name = Comment(rawValue: resource.path)
                let made = try await tenant.post("/api/v1\(resource.path)", resource.new)
                #expect(made.status == 201, "\(made.text)")
                let path = "/api/v1\(resource.path)/\(made.id)"
                func patch(_ body: JSONValue, if match: String) async throws -> API.Answer {
                    try await tenant.send(.PATCH, path, body.bytes, ["if-match": match])
                }
                let seen = try #require(try await tenant.get(path).headers.first(name: "etag"), name)
                #expect(try await tenant.get(path).headers.first(name: "etag") == seen, name)
                let changed = try await patch(resource.change, if: seen)
                #expect(changed.status == 200, "\(changed.text)")
                let now = try #require(changed.headers.first(name: "etag"), name)
                #expect(try await tenant.get(path).headers.first(name: "etag") == now, name)
                let stale = try await patch(resource.other, if: seen)
                #expect(stale.status == 412 && stale.code == "precondition-failed", name)
                #expect(try await tenant.get(path).headers.first(name: "etag") == now, name)
                #expect(try await patch(resource.other, if: "nothing").code == "if-match-invalid", name)
                #expect(try await patch(resource.other, if: "\(seen), \(now)").status == 200, name)
                let known = try await tenant.send(.GET, path, nil, ["if-none-match": now])
                #expect(known.status == 200, name)
                let current = known.headers.first(name: "etag") ?? ""
                #expect(try await tenant.send(.GET, path, nil, ["if-none-match": current]).status == 304, name)
            }
        }
    }
}
