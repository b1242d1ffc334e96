import CustomerService
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct GroupTests {
    @Test func aGroupIsMadeRenamedAndRemoved() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let made = try await tenant(.POST, "/groups", #"{"name":"VIP"}"#)
            #expect(made.status == 201 && made.headers.first(name: "location") == "/api/v1/groups/\(made.id)")
            #expect(try await tenant(.POST, "/groups", #"{"name":"VIP"}"#).code == "group-name-taken")
            let other = try await tenant(.POST, "/groups", #"{"name":"vip"}"#)
            #expect(try await tenant(.GET, "/groups").ids == [made.id, other.id])
            let page = try await tenant(.GET, "/groups?limit=1")
            #expect(page.ids == [made.id])
            #expect(try await tenant(.GET, "/groups?cursor=\(page.next ?? "")").ids == [other.id])
            let taken = try await tenant(.PATCH, "/groups/\(other.id)", #"{"name":"VIP"}"#)
            #expect(taken.status == 409 && taken.code == "group-name-taken")
            let renamed = try await tenant(.PATCH, "/groups/\(other.id)", #"{"name":"gold"}"#)
            #expect(renamed.status == 200 && renamed.json["name"] == "gold")
            #expect(try await tenant(.GET, "/groups/\(other.id)").text == renamed.text)
            let id = try await tenant.customer(#"{"groups":["gold"]}"#)
            #expect(try await tenant(.DELETE, "/groups/\(other.id)").status == 204)
            #expect(try await tenant(.DELETE, "/groups/\(other.id)").status == 404)
            #expect(try await tenant(.GET, "/customers/\(id)").json["groups"] == [])
            #expect(try await Tenant(service)(.GET, "/groups/\(made.id)").status == 404)
        }
    }

    @Test(arguments: [
        ("{}", "/name"), (#"{"name":""}"#, "/name"), (#"{"name":"a\u0007"}"#, "/name"),
        (#"{"name":"a","size":1}"#, "/size"),
        (#"{"name":"\#(String(repeating: "x", count: 101))"}"#, "/name"),
    ])
    func whatIsWrongIsSaid(body: String, pointer: String) async throws {
        try await RunningService.run { service in
            let answer = try await Tenant(service)(.POST, "/groups", body)
            #expect(answer.status == 422 && answer.pointers == [pointer], "\(answer.text)")
        }
    }

    @Test func customersComeAndGo() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let group = try await tenant(.POST, "/groups", #"{"name":"vip"}"#).id
            let (ann, bob, old) = (
                try await tenant.customer(), try await tenant.customer(), try await tenant.customer()
            )
            _ = try await tenant(.POST, "/customers/\(bob)/merge", #"{"from":"\#(old)"}"#)
            let body = #"{"customer_ids":["\#(ann)","\#(old)","\#(ann)"]}"#
            for _ in 1...2 { #expect(try await tenant(.POST, "/groups/\(group)/members", body).status == 204) }
            #expect(try await tenant(.GET, "/groups/\(group)/members").ids == [bob, ann])
            let page = try await tenant(.GET, "/groups/\(group)/members?limit=1")
            #expect(try await tenant(.GET, "/groups/\(group)/members?cursor=\(page.next ?? "")").ids == [ann])
            #expect(
                try await tenant(.DELETE, "/groups/\(group)/members?customer_id=\(old),\(CustomerID.new())").status
                    == 204
            )
            #expect(try await tenant(.GET, "/groups/\(group)/members").ids == [ann])
            #expect(try await tenant(.DELETE, "/groups/\(group)/members").code == "invalid-query")
        }
    }

    @Test func ofCustomersOneOfWhomIsNoneNobodyIsAdded() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let group = try await tenant(.POST, "/groups", #"{"name":"vip"}"#).id
            let ann = try await tenant.customer()
            let theirs = try await Tenant(service).customer()
            let refused = try await tenant(
                .POST,
                "/groups/\(group)/members",
                #"{"customer_ids":["\#(ann)","\#(theirs)"]}"#
            )
            #expect(refused.status == 422 && refused.pointers == ["/customer_ids/1"])
            #expect(try await tenant(.POST, "/groups/\(group)/members", #"{"customer_ids":["7"]}"#).status == 422)
            #expect(try await tenant(.POST, "/groups/\(group)/members", #"{"customer_ids":[]}"#).status == 422)
            #expect(try await tenant(.GET, "/groups/\(group)/members").ids == [])
            let nowhere = try await tenant(.POST, "/groups/\(ann)/members", #"{"customer_ids":["\#(ann)"]}"#)
            #expect(nowhere.status == 404)
        }
    }
}
