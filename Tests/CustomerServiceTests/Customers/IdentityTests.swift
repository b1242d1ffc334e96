import CustomerService
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct IdentityTests {
    @Test func anAddressBelongsToOneCustomer() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let phone = #"{"kind":"phone","value":"+14155550100"}"#
            let ann = try await tenant.customer(#"{"identities":[\#(phone)]}"#)
            let bob = try await tenant.customer()
            let taken = try await tenant(.POST, "/customers/\(bob)/identities", phone)
            #expect(taken.status == 409 && taken.code == "identity-taken")
            #expect(taken.pointers == ["/value"] && taken.text.contains(ann))
            let body = #"{"identities":[{"kind":"email","value":"bob@example.com"},\#(phone)]}"#
            let made = try await tenant(.POST, "/customers", body)
            #expect(made.status == 409 && made.pointers == ["/identities/1"])
            // The refused one left nothing.
            #expect(try await tenant(.GET, "/customers?email=bob@example.com").ids == [])
            // One's own once more.
            let again = try await tenant(.POST, "/customers/\(ann)/identities", phone)
            #expect(again.status == 201 && again.json["identities"]?.array?.count == 1)
            // Another organization's customer may have it too.
            #expect(try await Tenant(service)(.POST, "/customers", #"{"identities":[\#(phone)]}"#).status == 201)
        }
    }

    @Test func anAddressCanBeTakenAwayAndGivenToSomebodyElse() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let ann = try await tenant.customer(#"{"identities":[{"kind":"email","value":"ann@example.com"}]}"#)
            let bob = try await tenant.customer()
            let target = "/customers/\(ann)/identities?kind=email&value=ann%40EXAMPLE.com"
            let removed = try await tenant(.DELETE, target)
            #expect(removed.status == 204 && removed.text.isEmpty)
            #expect(try await tenant(.DELETE, target).status == 404)
            let given = try await tenant(
                .POST,
                "/customers/\(bob)/identities",
                #"{"kind":"email","value":"ann@example.com"}"#
            )
            #expect(given.status == 201)
            #expect(try await tenant(.GET, "/customers?email=ann@example.com").ids == [bob])
        }
    }

    @Test(arguments: ["", "?kind=email", "?value=x", "?kind=fax&value=x", "?kind=email&value=x&label=y"])
    func takingAwayNeedsKindAndValue(query: String) async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let answer = try await tenant(.DELETE, "/customers/\(try await tenant.customer())/identities\(query)")
            #expect(answer.status == 400 && answer.code == "invalid-query")
        }
    }

    @Test func aCustomerHasFiftyAtMost() async throws {
        let fifty = (0..<50).map { #"{"kind":"push","value":"\#($0)"}"# }.joined(separator: ",")
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer(#"{"identities":[\#(fifty)]}"#)
            let refused = try await tenant(.POST, "/customers/\(id)/identities", #"{"kind":"push","value":"x"}"#)
            #expect(refused.status == 422 && refused.pointers == ["/value"])
            #expect(try await tenant(.GET, "/customers/\(id)").json["identities"]?.array?.count == 50)
        }
    }

    @Test func ofTwoCustomersWhoAreGivenOneAddressAtTheSameTimeOneGetsIt() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            for round in 0..<5 {
                let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                    for _ in 1...6 {
                        tasks.addTask {
                            let body = #"{"identities":[{"kind":"phone","value":"+1415555010\#(round)"}]}"#
                            return try await tenant(.POST, "/customers", body).status
                        }
                    }
                    return try await tasks.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.sorted() == [201, 409, 409, 409, 409, 409])
            }
        }
    }
}
