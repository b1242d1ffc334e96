import Foundation
import NIOHTTP1
import Shared
import Synchronization
import TestSupport
import Testing

/// The document against the running platform; that each answer follows it, `Contract` sees to in all tests.
@Suite struct ContractTests {
    /// Which operations have been answered, and how.
    private final class Seen: Sendable {
        private let statuses = Mutex<[String: Set<Int>]>([:])
        private let document: APIDocument

        init(_ document: APIDocument) { self.document = document }

        @Sendable func note(_ method: HTTPMethod, _ target: String, _ answer: API.Answer) {
            guard let operation = self.document.operation(method.rawValue, target) else { return }
            _ = self.statuses.withLock { $0[operation.name, default: []].insert(answer.status) }
        }

        func statuses(of operation: APIDocument.Operation) -> Set<Int> {
            self.statuses.withLock { $0[operation.name] ?? [] }
        }
    }

    @Test(.timeLimit(.minutes(5))) func everyOperationSucceedsAsDocumented() async throws {
        let document = try APIDocument.ours.get()
        let seen = Seen(document)
        try await withPlatform { platform in
            let tenant = try await platform.newTenant().observed(by: seen.note)
            let org = try await FilledOrg.make(on: platform, tenant)
            for operation in document.operations where operation.method == "GET" {
                let target = try Self.target(of: operation, for: org)
                let isOperators = ["/api/v1/orgs", "/api/v1/restore"].contains { operation.path.hasPrefix($0) }
                let caller = isOperators ? platform.gateway.observed(by: seen.note) : tenant
                // The clock is a sandbox's.
                guard operation.path != "/api/v1/clock" else { continue }
                let answer = try await caller.get(target)
                #expect(answer.status == 200, "\(operation.name): \(answer.text.prefix(300))")
            }
            try await Self.change(org, platform, platform.gateway.observed(by: seen.note))
            for operation in document.operations {
                let succeeded = seen.statuses(of: operation).contains { $0 < 300 }
                #expect(succeeded, "\(operation.name) has not been seen to succeed: \(seen.statuses(of: operation))")
            }
        }
    }

    /// Every operation with what clients get wrong everywhere, each time another problem.
    @Test(.timeLimit(.minutes(5))) func everyOperationRefusesAsDocumented() async throws {
        let document = try APIDocument.ours.get()
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let powerless = try await tenant.post("/api/v1/keys", ["name": "none", "scopes": ["stats:read"]])
            let key = powerless.json["secret"]?.string
            let unknown = UUID().uuidString.lowercased()
            for operation in document.operations where operation.isAPI {
                let method = HTTPMethod(rawValue: operation.method)
                let target = operation.path.replacing("{id}", with: unknown).replacing("{n}", with: "0")
                let isOperators = operation.node["security"]?.array?.count == 1
                let nobody = try await tenant.with(key: nil).send(method, target, nil, [:])
                #expect(nobody.status == 401, "\(operation.name)")
                if !operation.path.hasPrefix("/api/v1/stats"), operation.path != "/api/v1/queue",
                    operation.path != "/api/v1/clock"
                {
                    let weak = try await tenant.with(key: key).send(method, target, nil, [:])
                    #expect(
                        weak.status == 403 || (isOperators && weak.status == 404),
                        "\(operation.name): \(weak.status)"
                    )
                }
                if operation.path.contains("{id}") {
                    let caller = isOperators ? platform.gateway : tenant
                    let query = try Self.requiredQuery(of: operation)
                    let body = Self.body(of: operation, document)?.bytes
                    let answer = try await caller.send(method, target + query, body, [:])
                    #expect(answer.status == 404, "\(operation.name): \(answer.text.prefix(300))")
                }
                // Of the clock it is said first that it is a sandbox's.
                if operation.method == "GET", operation.node["responses"]?["400"] != nil,
                    operation.path != "/api/v1/clock"
                {
                    let answer = try await (isOperators ? platform.gateway : tenant).get(target + "?no_such=1")
                    #expect([400, 404].contains(answer.status), "\(operation.name): \(answer.text.prefix(300))")
                }
                try await Self.refuseBodies(of: operation, to: target, isOperators ? platform.gateway : tenant)
            }
        }
    }

    /// The first example of a body, at a time that is now.
    static func body(of operation: APIDocument.Operation, _ document: APIDocument) -> JSONValue? {
        guard var body = document.bodyExamples(of: operation).first?.object else { return nil }
        if body["since"] != nil { body["since"] = .string("\(Timestamp.now - .seconds(60))") }
        return .object(body)
    }

    private static func refuseBodies(of operation: APIDocument.Operation, to target: String, _ api: API) async throws {
        guard operation.node["requestBody"] != nil else { return }
        let method = HTTPMethod(rawValue: operation.method)
        let bodies: [(String, HTTPHeaders, Int)] = [
            ("{", [:], 400), ("{}", ["content-type": "text/plain"], 415), (#"{"no_such_field":1}"#, [:], 422),
            ("[]", [:], 422), (#"{"x":"\#(String(repeating: "x", count: Limits.bodyBytes))"}"#, [:], 413),
        ]
        for (body, headers, status) in bodies {
            let answer = try await api.send(method, target, Array(body.utf8), headers)
            // The id may be looked at first, and of a broadcast the first byte; a batch may be longer.
            let others = status == 413 ? [400, 404, 422] : [400, 404]
            let isExpected = answer.status == status || others.contains(answer.status)
            #expect(isExpected, "\(operation.name) \(body.prefix(30)): \(answer.status) \(answer.text.prefix(300))")
        }
    }

    /// A request of `operation` that reads what `org` has.
    private static func target(of operation: APIDocument.Operation, for org: FilledOrg) throws -> String {
        var path = operation.path
        if path.contains("{id}") {
            let id = try org.first(path.contains("{n}") ? "mails" : operation.resource)
            path = path.replacing("{id}", with: id).replacing("{n}", with: "0")
        }
        return path + (try Self.requiredQuery(of: operation))
    }

    static func requiredQuery(of operation: APIDocument.Operation) throws -> String {
        let values = [
            "channel": "sms", "address": "%2B14155550101", "kind": "phone", "value": "%2B14155550101",
            "customer_id": UUID().uuidString.lowercased(), "dossierId": "4711",
        ]
        let required = operation.parameters(in: "query").filter { $0["required"] == true }.compactMap {
            $0["name"]?.string
        }
        let pairs = try required.map { "\($0)=\(try #require(values[$0], "\(operation.name) needs \($0)"))" }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }
}
