import CustomerService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ResolveRoutesTests {
    private static let org = "0190a0b0-0000-7000-8000-000000000001"

    @Test func aThousandAndOneItemsAreTooMany() async throws {
        let item = CustomerAPI.Resolve.customer(
            orgID: try #require(OrgID(Self.org)),
            id: try #require(CustomerID(Self.org)),
            kinds: []
        )
        try await RunningService.run { service in
            let most = try await service.resolve(Self.body(Array(repeating: item, count: 1000)))
            #expect(most.status == 200)
            let answer = try await service.resolve(Self.body(Array(repeating: item, count: 1001)))
            #expect(answer.status == 422)
            #expect(answer.body["code"]?.string == "too-many-items")
        }
    }

    @Test(arguments: [
        "", "{", "[]", #"{"items":{}}"#, #"{"items":[{}]}"#,
        #"{"orgs":{"runs":["7"],"lengths":[1]},"customers":"7","kinds":{"runs":[[]],"lengths":[1]},"addresses":[""]}"#,
        Self.columns(kind: "fax"), Self.columns(length: 2), Self.columns(length: -1), Self.columns(length: Int.max),
        Self.columns(customer: String(repeating: "-", count: 64)), Self.columns(addresses: #""1","2""#),
    ])
    func whatIsNoRequestIsMalformed(body: String) async throws {
        try await RunningService.run { service in
            let answer = try await service.resolve(body)
            #expect(answer.status == 400)
            #expect(answer.body["code"]?.string == "malformed-json")
        }
    }

    @Test(arguments: [(0, 422), (1, 200), (320, 200), (321, 422)])
    func anAddressHasOneTo320Bytes(length: Int, status: Int) async throws {
        try await RunningService.run { service in
            let good = try Self.address("+14155550100")
            let answer = try await service.resolve(
                Self.body([good, Self.address(String(repeating: "7", count: length))])
            )
            #expect(answer.status == status)
            if status == 422 { #expect(answer.body["violations"]?[0]?["pointer"]?.string == "/items/1/address") }
        }
    }

    @Test func anAddressWithNULIsRefused() async throws {
        try await RunningService.run { service in
            let answer = try await service.resolve(Self.body([Self.address("a\u{0}b")]))
            #expect(answer.status == 422)
            #expect(answer.body["violations"]?[0]?["pointer"]?.string == "/items/0/address")
        }
    }

    @Test(arguments: [nil, "nonsense"])
    func withoutAServiceTokenNothingIsAnswered(token: String?) async throws {
        try await RunningService.run { service in
            let body = try Self.body([Self.address("+14155550100")])
            let answer = try await service.call(.POST, "/internal/customers/resolve", token: token, body: body)
            #expect(answer.status == 401)
        }
        #expect(try await Stored.counts(of: #require(OrgID(Self.org))) == .init(customers: 0, identities: 0))
    }

    @Test func whenTheDatabaseIsDownTheAnswerSaysWhenToComeAgain() async throws {
        // Nothing listens on port 1.
        try await RunningService.run(postgres: "host=127.0.0.1 port=1 dbname=customers user=customers") { service in
            let answer = try await service.resolve(Self.body([Self.address("+14155550100")]))
            #expect(answer.status == 503)
            #expect(answer.headers.first(name: "retry-after") == "1")
            #expect(try await service.call(.GET, "/readyz", token: nil).status == 503)
            #expect(try await service.call(.GET, "/healthz", token: nil).status == 200)
        }
    }

    @Test func withItsDatabaseTheServiceIsReady() async throws {
        try await RunningService.run { service in
            let answer = try await service.call(.GET, "/readyz", token: nil)
            #expect(answer.status == 200)
        }
    }

    private static func address(_ value: String) throws -> CustomerAPI.Resolve {
        .address(orgID: try #require(OrgID(self.org)), Address(kind: .external, value: value))
    }

    private static func body(_ items: [CustomerAPI.Resolve]) throws -> String {
        let request = CustomerAPI.ResolveRequest(questions: items.map { .init($0) })
        return String(decoding: try InternalJSON.encode(request), as: UTF8.self)
    }

    /// A request for one address, of which one column can be another.
    private static func columns(
        kind: String = "external",
        length: Int = 1,
        customer: String = String(repeating: "-", count: 32),
        addresses: String = #""1""#
    ) -> String {
        """
        {"orgs":{"runs":["\(self.org)"],"lengths":[1]},"customers":"\(customer)",\
        "kinds":{"runs":[["\(kind)"]],"lengths":[\(length)]},"addresses":[\(addresses)]}
        """
    }
}
