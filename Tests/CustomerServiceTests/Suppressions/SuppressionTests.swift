import CustomerService
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct SuppressionTests {
    @Test func anAddressIsListedOnceForEachChannel() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let body = #"{"address":"+1 415 555 0100","channel":"sms","reason":"asked","expires_at":null}"#
            let made = try await tenant(.POST, "/suppressions", body)
            #expect(made.status == 201 && made.headers.first(name: "location") == "/api/v1/suppressions/\(made.id)")
            #expect(made.json["address"] == "+14155550100" && made.json["channel"] == "sms")
            #expect(made.json["reason"] == "asked" && made.json["expires_at"] == .null)
            let again = try await tenant(
                .POST,
                "/suppressions",
                #"{"address":"+14155550100","channel":"sms","reason":"again"}"#
            )
            #expect(again.status == 200 && again.id == made.id && again.json["reason"] == "again")
            let everywhere = try await tenant(.POST, "/suppressions", #"{"address":"+14155550100"}"#)
            #expect(everywhere.status == 201)
            let twice = try await tenant(.POST, "/suppressions", #"{"address":"+14155550100"}"#)
            #expect(twice.status == 200 && twice.id == everywhere.id)
            let email = try await tenant(.POST, "/suppressions", #"{"address":"Ann@EXAMPLE.com"}"#)
            #expect(email.json["address"] == "Ann@example.com")
            #expect(try await tenant(.GET, "/suppressions").ids == [email.id, everywhere.id, made.id])
            #expect(try await tenant(.GET, "/suppressions?address=%2B1-415-5550100").ids == [everywhere.id, made.id])
            #expect(try await tenant(.GET, "/suppressions?channel=sms,email").ids == [made.id])
            #expect(try await tenant(.GET, "/suppressions/\(made.id)").text == again.text)
            #expect(try await Tenant(service)(.GET, "/suppressions/\(made.id)").status == 404)
            #expect(try await tenant(.DELETE, "/suppressions/\(made.id)").status == 204)
            #expect(try await tenant(.DELETE, "/suppressions/\(made.id)").status == 404)
            let page = try await tenant(.GET, "/suppressions?limit=1")
            #expect(try await tenant(.GET, "/suppressions?limit=1&cursor=\(page.next ?? "")").ids == [everywhere.id])
        }
    }

    @Test(arguments: [
        ("{}", "/address"), (#"{"address":"ann"}"#, "/address"), (#"{"address":"+1"}"#, "/address"),
        (#"{"address":"ann@example.com","channel":"sms"}"#, "/address"),
        (#"{"address":"+14155550100","channel":"fax"}"#, "/channel"),
        (#"{"address":"+14155550100","expires_at":"2020-01-01T00:00:00Z"}"#, "/expires_at"),
        (#"{"address":"+14155550100","expires_at":"tomorrow"}"#, "/expires_at"),
        (#"{"address":"+14155550100","reason":"a\r\nb"}"#, "/reason"),
        (#"{"address":"+14155550100","kind":"phone"}"#, "/kind"),
    ])
    func whatIsWrongIsSaid(body: String, pointer: String) async throws {
        try await RunningService.run { service in
            let answer = try await Tenant(service)(.POST, "/suppressions", body)
            #expect(answer.status == 422 && answer.pointers == [pointer], "\(answer.text)")
        }
    }
}
