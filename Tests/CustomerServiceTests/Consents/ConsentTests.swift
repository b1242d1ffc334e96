import CustomerService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ConsentTests {
    @Test func aConsentIsTakenAndReturned() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer()
            let body =
                #"{"channel":"sms","purpose":"marketing","status":"opted_in","source":"form","proof":"ip 192.0.2.1"}"#
            let put = try await tenant(.PUT, "/customers/\(id)/consents", body)
            #expect(put.status == 200)
            #expect(
                put.json["channel"] == "sms" && put.json["purpose"] == "marketing" && put.json["status"] == "opted_in"
            )
            #expect(
                put.json["source"] == "form" && put.json["proof"] == "ip 192.0.2.1" && put.json["at"]?.string != nil
            )
            // The same once more is not recorded again.
            #expect(try await tenant(.PUT, "/customers/\(id)/consents", body).text == put.text)
            let other = #"{"channel":"sms","purpose":"marketing","status":"opted_out"}"#
            #expect(try await tenant(.PUT, "/customers/\(id)/consents", other).json["source"] == "api")
            let current = try await tenant(.GET, "/customers/\(id)/consents")
            #expect(current.data.map { $0["status"]?.string } == ["opted_out"] && current.next == nil)
            let history = try await tenant(.GET, "/customers/\(id)/consents/history")
            #expect(history.data.map { $0["status"]?.string } == ["opted_out", "opted_in"])
            let page = try await tenant(.GET, "/customers/\(id)/consents/history?limit=1")
            let rest = try await tenant(.GET, "/customers/\(id)/consents/history?limit=1&cursor=\(page.next ?? "")")
            #expect(page.ids + rest.ids == history.ids && rest.next == nil)
        }
    }

    @Test(arguments: [
        ("{}", ["/channel", "/purpose", "/status"]),
        (#"{"channel":"fax","purpose":"marketing","status":"opted_in"}"#, ["/channel"]),
        (#"{"channel":"sms","purpose":"otp","status":"opted_in"}"#, ["/purpose"]),
        (#"{"channel":"sms","purpose":"marketing","status":"unknown"}"#, ["/status"]),
        (#"{"channel":"sms","purpose":"marketing","status":"opted_in","at":"2026-01-01T00:00:00Z"}"#, ["/at"]),
        (
            #"{"channel":"sms","purpose":"marketing","status":"opted_in","source":"a\nb","proof":""}"#,
            ["/source", "/proof"]
        ),
    ])
    func whatIsWrongIsSaid(body: String, pointers: [String]) async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let answer = try await tenant(.PUT, "/customers/\(try await tenant.customer())/consents", body)
            #expect(answer.status == 422 && answer.pointers == pointers)
        }
    }

    @Test func whatIsPutCountsEvenAfterAMessageFromTheFuture() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let phone = Address(kind: .phone, value: "+14155550100")
            // The test's own time lies in 2027.
            let stop = Inbound(orgID: tenant.orgID).message("1", from: phone, keyword: .stop, second: 7)
            let id = try await service.api.receive([stop])[0].customerID
            let body = #"{"channel":"sms","purpose":"marketing","status":"opted_in"}"#
            #expect(try await tenant(.PUT, "/customers/\(id)/consents", body).json["status"] == "opted_in")
            // And the message that comes again changes nothing.
            _ = try await service.api.receive([stop])
        }
    }

    @Test func concurrentPutsAllCountInSomeOrder() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer()
            try await withThrowingTaskGroup { tasks in
                for number in 0..<12 {
                    tasks.addTask {
                        let status = number.isMultiple(of: 2) ? "opted_in" : "opted_out"
                        let body =
                            #"{"channel":"sms","purpose":"marketing","status":"\#(status)","source":"\#(number)"}"#
                        let answer = try await tenant(.PUT, "/customers/\(id)/consents", body)
                        #expect(answer.json["source"] == .string("\(number)"))
                    }
                }
                try await tasks.waitForAll()
            }
            let history = try await tenant(.GET, "/customers/\(id)/consents/history").data
            let latest = history.max { ($0["at"]?.string ?? "") < ($1["at"]?.string ?? "") }
            #expect(history.count == 12)
            #expect(try await tenant(.GET, "/customers/\(id)/consents").data[0]["source"] == latest?["source"])
        }
    }
}
