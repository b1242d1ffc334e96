import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ConcurrentReceiveTests {
    let inbound = Inbound(orgID: .new())

    @Test func eightCallsForTheSameNewSenderMakeOneCustomer() async throws {
        try await RunningService.run { service in
            for round in 0..<10 {
                let phone = Address(kind: .phone, value: "+1415555010\(round)")
                let bsuid = Address(kind: .whatsapp, value: "US.\(round)")
                let answers = try await withThrowingTaskGroup(of: [CustomerAPI.Received].self) { tasks in
                    for call in 1...8 {
                        let senders = call.isMultiple(of: 2) ? [phone, bsuid] : [bsuid, phone]
                        let item = self.inbound.message(
                            "\(round)-\(call)",
                            from: senders[0],
                            senders[1],
                            keyword: .stop
                        )
                        tasks.addTask { try await service.api.receive([item]) }
                    }
                    return try await tasks.reduce(into: []) { $0 += $1 }
                }
                #expect(answers.count == 8)
                #expect(Set(answers.map(\.customerID)).count == 1)
            }
        }
        #expect(try await Stored.counts(of: self.inbound.orgID) == .init(customers: 10, identities: 20))
        let rows = try await Stored.everything(of: self.inbound.orgID)
        #expect(rows.filter { $0.hasPrefix("change") }.count == 160)
        #expect(rows.filter { $0.hasPrefix("consent") }.count == 20)
    }

    @Test func batchesInOppositeOrdersDoNotWaitForEachOther() async throws {
        let items = (0..<200).map { number in
            self.inbound.message(
                "\(number)",
                from: Address(kind: .phone, value: "+4930\(10_000 + number)"),
                Address(kind: .whatsapp, value: "DE.\(900 - number)"),
                name: "Ann",
                keyword: number.isMultiple(of: 2) ? .stop : nil
            )
        }
        let url = TestDatabase.url
        // Plain connections, which do not repeat a transaction that Postgres ended for a deadlock.
        let answers = try await withThrowingTaskGroup(of: [CustomerID].self) { tasks in
            for number in 1...8 {
                tasks.addTask {
                    let connection = try await PostgresConnection(url)
                    let mine = number.isMultiple(of: 2) ? items : items.reversed()
                    let ids = try await connection.transaction(for: [self.inbound.orgID]) { connection in
                        try ReceiveMessages.answers(to: mine, on: connection).map(\.customerID)
                    }
                    await connection.close()
                    return number.isMultiple(of: 2) ? ids : ids.reversed()
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers).count == 1)
        #expect(try await Stored.counts(of: self.inbound.orgID) == .init(customers: 200, identities: 400))
    }

    @Test func anAddressThatAnotherCallTakesBringsTheOthersOfItsSenderAlong() async throws {
        let phones = (0..<40).map { Address(kind: .phone, value: "+4930\(10_000 + $0)") }
        let emails = (0..<40).map { Address(kind: .email, value: "\($0)@example.com") }
        let url = TestDatabase.url
        for round in 0..<10 {
            let inbound = Inbound(orgID: .new())
            try await withThrowingTaskGroup { tasks in
                for lane in 0..<4 {
                    tasks.addTask {
                        let connection = try await PostgresConnection(url)
                        let items = zip(phones, emails).map { phone, email in
                            // One tells the telephone number only, the others also the email address.
                            lane == 0
                                ? inbound.message("\(lane)", from: phone)
                                : inbound.message("\(lane)", from: email, phone, keyword: .stop)
                        }
                        try await connection.transaction(for: [inbound.orgID]) { connection in
                            _ = try ReceiveMessages.answers(to: items, on: connection)
                        }
                        await connection.close()
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(
                try await Stored.counts(of: inbound.orgID) == .init(customers: 40, identities: 80),
                "round \(round)"
            )
        }
    }
}
