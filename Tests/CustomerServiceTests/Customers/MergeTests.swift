import CustomerService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct MergeTests {
    @Test func everythingOfTheOneBecomesTheOthers() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let ann = try await tenant.customer(
                #"{"name":"Ann","fields":{"tier":"gold","a":1},"groups":["vip"],"identities":[{"kind":"phone","value":"+14155550100"}]}"#
            )
            let old = try await tenant.customer(
                #"{"name":"A.","first_name":"Ann","language":"en","guest":true,"fields":{"tier":"iron","b":2},"groups":["vip","old"],"identities":[{"kind":"email","value":"ann@example.com"}]}"#
            )
            let merged = try await tenant(.POST, "/customers/\(ann)/merge", #"{"from":"\#(old)"}"#)
            #expect(merged.status == 200 && merged.id == ann, "\(merged.text)")
            let json = merged.json
            #expect(json["name"] == "Ann" && json["first_name"] == "Ann" && json["language"] == "en")
            #expect(json["guest"] == false && json["groups"] == ["old", "vip"])
            #expect(json["fields"] == ["tier": "gold", "a": 1, "b": 2])
            #expect(json["identities"]?.array?.count == 2)
            #expect(try await tenant(.GET, "/customers?field.b=2").ids == [ann])
            #expect(try await tenant(.GET, "/customers?field.tier=iron").ids == [])
            #expect(try await tenant(.GET, "/customers").ids == [ann])
            // Once more changes nothing.
            let again = try await tenant(.POST, "/customers/\(ann)/merge", #"{"from":"\#(old)"}"#)
            #expect(again.status == 200 && again.text == merged.text)
        }
    }

    @Test func theOldIdLeadsToTheSurvivorEverywhere() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let (first, second) = (try await tenant.customer(), try await tenant.customer())
            let last = try await tenant.customer(#"{"identities":[{"kind":"phone","value":"+14155550100"}]}"#)
            // A chain: the first into the second, the second into the last.
            #expect(try await tenant(.POST, "/customers/\(second)/merge", #"{"from":"\#(first)"}"#).status == 200)
            #expect(try await tenant(.POST, "/customers/\(last)/merge", #"{"from":"\#(second)"}"#).status == 200)
            for id in [first, second] {
                #expect(try await tenant(.GET, "/customers/\(id)").id == last)
                #expect(try await tenant(.PATCH, "/customers/\(id)", #"{"name":"\#(id)"}"#).id == last)
                let consent = #"{"channel":"sms","purpose":"marketing","status":"opted_out"}"#
                #expect(try await tenant(.PUT, "/customers/\(id)/consents", consent).status == 200)
                #expect(try await tenant(.GET, "/customers/\(id)/consents").data.count == 1)
                let customerID = try #require(CustomerID(id))
                let resolved = try await service.api.resolve([
                    .customer(orgID: tenant.orgID, id: customerID, kinds: [.phone])
                ])
                #expect(resolved[0].customerID?.description == last)
                let address = Address(kind: .phone, value: "+14155550100")
                let verdicts = try await service.api.checkPolicy([
                    .init(
                        orgID: tenant.orgID,
                        messageID: .new(),
                        customerID: customerID,
                        address: address,
                        channel: .sms,
                        category: .marketing,
                        stage: .creation,
                        rules: SendingRules(),
                        at: .now
                    )
                ])
                #expect(verdicts == [.blocked(.optedOut)])
            }
            // Into one who is gone is into who they are now.
            let more = try await tenant.customer(#"{"first_name":"Ann"}"#)
            #expect(try await tenant(.POST, "/customers/\(first)/merge", #"{"from":"\#(more)"}"#).id == last)
        }
    }

    /// What the survivor said, what the other one said, and what counts.
    @Test(arguments: [
        (("opted_in", 1), ("opted_out", 2), "opted_out"), (("opted_out", 1), ("opted_in", 2), "opted_in"),
        (("opted_in", 2), ("opted_out", 1), "opted_in"), (("opted_in", 1), ("opted_out", 1), "opted_out"),
        (("opted_out", 1), ("opted_in", 1), "opted_out"),
    ])
    func ofConsentsTheLaterCountsAndOfTheSameTimeTheStricter(
        survivor: (String, Int),
        other: (String, Int),
        status: String
    ) async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let inbound = Inbound(orgID: tenant.orgID)
            var ids: [String] = []
            for (number, (said, second)) in [survivor, other].enumerated() {
                let phone = Address(kind: .phone, value: "+1415555010\(number)")
                let keyword: Keyword = said == "opted_in" ? .start : .stop
                let item = inbound.message("\(9 - number)", from: phone, keyword: keyword, second: second)
                ids.append(try await service.api.receive([item])[0].customerID.description)
            }
            #expect(try await tenant(.POST, "/customers/\(ids[0])/merge", #"{"from":"\#(ids[1])"}"#).status == 200)
            let consents = try await tenant(.GET, "/customers/\(ids[0])/consents").data
            #expect(consents.map { $0["status"]?.string } == [status, status])
            #expect(try await tenant(.GET, "/customers/\(ids[0])/consents/history").data.count == 4)
        }
    }

    @Test func whatCanNotBeMergedIsSaid() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let ann = try await tenant.customer()
            let theirs = try await Tenant(service).customer()
            for (body, pointer) in [
                (#"{"from":"\#(ann)"}"#, "/from"), (#"{"from":"\#(theirs)"}"#, "/from"), (#"{"from":"7"}"#, "/from"),
                ("{}", "/from"),
                (#"{"from":"\#(CustomerID.new())"}"#, "/from"),
            ] {
                let answer = try await tenant(.POST, "/customers/\(ann)/merge", body)
                #expect(answer.status == 422 && answer.pointers == [pointer], "\(answer.text)")
            }
        }
    }

    @Test func fieldsThatAreTooManyTogetherAreNotDropped() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let fields = ["a", "b"].map { prefix in (0..<60).map { "\"\(prefix)\($0)\":1" }.joined(separator: ",") }
            let ann = try await tenant.customer(#"{"fields":{\#(fields[0])}}"#)
            let bob = try await tenant.customer(#"{"fields":{\#(fields[1])}}"#)
            let answer = try await tenant(.POST, "/customers/\(ann)/merge", #"{"from":"\#(bob)"}"#)
            #expect(answer.status == 409 && answer.code == "too-many-fields")
            #expect(try await tenant(.GET, "/customers/\(bob)").id == bob)
        }
    }

    @Test func mergesAndMessagesAtTheSameTimeLoseNothing() async throws {
        try await RunningService.run { service in
            for _ in 0..<5 {
                let tenant = Tenant(service)
                let inbound = Inbound(orgID: tenant.orgID)
                let phones = (0..<6).map { Address(kind: .phone, value: "+1415555010\($0)") }
                let ids = try await service.api.receive(phones.map { inbound.message($0.value, from: $0) }).map(
                    \.customerID
                )
                try await withThrowingTaskGroup { tasks in
                    for number in 1..<6 {
                        tasks.addTask {
                            let body = #"{"from":"\#(ids[number])"}"#
                            // Who runs into others again and again is told to come again.
                            var answer: Tenant.Answer
                            repeat {
                                answer = try await tenant(.POST, "/customers/\(ids[number - 1])/merge", body)
                            } while answer.status == 503
                            #expect(answer.status == 200, "\(answer.text)")
                        }
                        tasks.addTask {
                            let email = Address(kind: .email, value: "\(number)@example.com")
                            let item = inbound.message(
                                "\(number)",
                                from: phones[number],
                                email,
                                name: "Ann",
                                keyword: .stop
                            )
                            while true {
                                do {
                                    _ = try await service.api.receive([item])
                                    break
                                } catch let problem as Problem where problem.status == 503 {}
                            }
                        }
                    }
                    try await tasks.waitForAll()
                }
                #expect(try await Stored.counts(of: tenant.orgID) == .init(customers: 1, identities: 11))
                #expect(try await Stored.names(of: tenant.orgID) == ["Ann"])
                #expect(try await Stored.consents(of: tenant.orgID).count == 2)
            }
        }
    }
}
