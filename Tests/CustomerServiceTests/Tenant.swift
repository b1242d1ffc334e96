import Foundation
import InternalAPI
import NIOCore
import NIOHTTP1
import Shared
import Testing

/// One organization's requests, as the api-gateway forwards them.
struct Tenant: Sendable {
    let service: RunningService
    let acting: Acting

    init(_ service: RunningService, orgID: OrgID = .new(), region: String? = nil) {
        self.service = service
        self.acting = Acting(
            orgID: orgID,
            actor: "key:test",
            mode: .live,
            defaultRegion: region.flatMap(PhoneRegion.init(rawValue:))
        )
    }

    var orgID: OrgID { self.acting.orgID }

    struct Answer: Sendable, CustomTestStringConvertible {
        let status: Int
        let headers: HTTPHeaders
        let text: String

        var json: JSONValue { (try? JSONValue(parsing: Array(self.text.utf8))) ?? .null }
        var code: String? { self.json["code"]?.string }
        var id: String { self.json["id"]?.string ?? "" }
        var pointers: [String] { (self.json["violations"]?.array ?? []).compactMap { $0["pointer"]?.string } }
        var data: [JSONValue] { self.json["data"]?.array ?? [] }
        var ids: [String] { self.data.compactMap { $0["id"]?.string } }
        var next: String? { self.json["next_cursor"]?.string }
        var testDescription: String { "\(self.status) \(self.text)" }
    }

    /// `path` is under `/internal`, and may have a query.
    func callAsFunction(
        _ method: HTTPMethod,
        _ path: String,
        _ body: String? = nil,
        key: String? = nil
    ) async throws -> Answer {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let answer = try await self.service.client.forward(
            .init(
                method: method,
                path: InternalPath(stringLiteral: "/internal\(parts[0])"),
                query: parts.count > 1 ? parts[1] : nil,
                contentType: body.map { _ in "application/json" },
                idempotencyKey: key,
                body: body.map { ByteBuffer(string: $0) }
            ),
            as: self.acting
        )
        return Answer(
            status: answer.status,
            headers: answer.headers,
            text: String(decoding: answer.body.readableBytesView, as: UTF8.self)
        )
    }

    /// A new customer's id.
    func customer(_ body: String = "{}") async throws -> String {
        let answer = try await self(.POST, "/customers", body)
        try #require(answer.status == 201, "\(answer.text)")
        return answer.id
    }

    /// Leaves at least one row in every table.
    func fillTables() async throws {
        let id = try await self.customer(#"{"name":"Ann","fields":{"tier":"gold"},"groups":["vip"]}"#)
        let other = try await self.customer(
            #"{"identities":[{"kind":"email","value":"ann@example.com"},{"kind":"phone","value":"+14155550101"}]}"#
        )
        let consent = #"{"channel":"sms","purpose":"marketing","status":"opted_in"}"#
        #expect(try await self(.PUT, "/customers/\(id)/consents", consent).status == 200)
        #expect(try await self(.POST, "/customers/\(id)/merge", #"{"from":"\#(other)"}"#).status == 200)
        #expect(try await self(.POST, "/suppressions", #"{"address":"+14155550100"}"#, key: "k").status == 201)
    }
}
