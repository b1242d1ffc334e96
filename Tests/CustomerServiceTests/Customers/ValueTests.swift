import CustomerService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// What templates are told of customers.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ValueTests {
    private static let ann = """
        {"name":"Ann Lee","first_name":"Ann","language":"de","timezone":"Europe/Berlin",\
        "identities":[{"kind":"phone","value":"+14155550100"}],\
        "fields":{"tier":"gold","age":41.50,"vip":true,"empty":"","name":"not this"}}
        """

    @Test func onlyWhatIsAskedForIsTold() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try #require(CustomerID(try await tenant.customer(Self.ann)))
            let names = ["name", "first_name", "language", "timezone", "tier", "age", "vip", "empty", "shoe_size"]
            let all = try await service.api.values([
                Self.question(tenant.orgID, .customer(id), names), Self.question(tenant.orgID, .customer(id), ["tier"]),
                Self.question(tenant.orgID, .customer(id), []),
            ])
            #expect(
                all == [
                    [
                        "name": "Ann Lee", "first_name": "Ann", "language": "de", "timezone": "Europe/Berlin",
                        "tier": "gold", "age": "41.50", "vip": "true",
                    ],
                    ["tier": "gold"], [:],
                ]
            )
        }
    }

    @Test func aCustomerIsFoundByIdByAddressAndAfterAMerge() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let ann = try #require(CustomerID(try await tenant.customer(Self.ann)))
            let phone = Address(kind: .phone, value: "+14155550100")
            let nobody = Address(kind: .phone, value: "+14155550101")
            let other = OrgID.new()
            func names(_ whoms: [(OrgID, CustomerAPI.ValuesQuestion.Whom)]) async throws -> [String?] {
                try await service.api.values(whoms.map { Self.question($0, $1, ["first_name"]) }).map {
                    $0?["first_name"]
                }
            }
            #expect(
                try await names([
                    (tenant.orgID, .address(phone)), (tenant.orgID, .address(nobody)), (other, .address(phone)),
                    (other, .customer(ann)), (tenant.orgID, .customer(.new())), (tenant.orgID, .customer(ann)),
                    (tenant.orgID, .address(Address(kind: .email, value: phone.value))),
                ]) == ["Ann", nil, nil, nil, nil, "Ann", nil]
            )
            let bob = try await tenant.customer(#"{"first_name":"Bob"}"#)
            #expect(try await tenant(.POST, "/customers/\(bob)/merge", #"{"from":"\#(ann)"}"#).status == 200)
            #expect(
                try await names([(tenant.orgID, .customer(ann)), (tenant.orgID, .address(phone))]) == ["Bob", "Bob"]
            )
            // Nobody was made by asking.
            let found = try await tenant(.GET, "/customers")
            #expect(found.data.count == 1)
        }
    }

    @Test func aThousandAreAnsweredInOrderAndOneMoreIsTooMany() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            var ids: [CustomerID] = []
            for body in [#"{"first_name":"Ann"}"#, #"{"first_name":"Bob"}"#, "{}"] {
                ids.append(try #require(CustomerID(try await tenant.customer(body))))
            }
            let expected = ["Ann", "Bob", nil]
            let questions = (0..<1000).map { Self.question(tenant.orgID, .customer(ids[$0 % 3]), ["first_name"]) }
            let names = try await service.api.values(questions).map { $0?["first_name"] }
            #expect(names == (0..<1000).map { expected[$0 % 3] })
            await #expect(throws: Problem.self) { try await service.api.values(questions + questions.prefix(1)) }
            await #expect(throws: Problem.self) {
                try await service.api.values([
                    Self.question(tenant.orgID, .address(Address(kind: .phone, value: "")), ["name"])
                ])
            }
        }
    }

    private static func question(
        _ orgID: OrgID,
        _ whom: CustomerAPI.ValuesQuestion.Whom,
        _ names: [String]
    ) -> CustomerAPI.ValuesQuestion {
        CustomerAPI.ValuesQuestion(orgID: orgID, whom: whom, names: names)
    }
}
