import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

/// Every order of the same messages, with repetitions, leaves the same rows.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ReceiveOrderTests {
    let receive: ReceiveMessages

    init() throws {
        self.receive = ReceiveMessages(
            postgres: PostgresPool(try PostgresConfig.test(), logger: .quiet)
        )
    }

    @Test func allOrdersOfFiveMessagesOfOnePerson() async throws {
        let inbound = Inbound(orgID: .new())
        let phone = Address(kind: .phone, value: "+14155550100")
        let (bsuid, email) = (Address(kind: .whatsapp, value: "US.1"), Address(kind: .email, value: "ann@example.com"))
        let messages = [
            inbound.message("a", from: phone, bsuid, name: "Ann", keyword: .stop, second: 1),
            inbound.message("b", from: bsuid, email, name: "Annie", keyword: .start, second: 1),
            inbound.message("c", from: email, phone, name: "A", keyword: .stop, second: 0),
            inbound.message("d", from: phone, email, keyword: .start, channel: .whatsapp, second: 3),
            inbound.message("e", from: phone, bsuid, name: "Ann Lee", keyword: .stop, channel: .whatsapp, second: 3),
        ]
        let expected = try await self.rows(after: [messages])
        for order in Self.orders(of: messages) {
            let rows = try await self.rows(after: order.map { [$0] } + [[order[0], order[4]]])
            #expect(rows == expected)
        }
    }

    @Test(arguments: 1...12)
    func randomOrdersOfMessagesOfSeveralPeople(seed: UInt64) async throws {
        var random = SplitMix64(state: seed)
        let messages = (0..<30).map { Self.message($0, &random) }
        let expected = try await self.rows(after: [messages])
        for _ in 1...4 {
            let copies = messages.flatMap { Array(repeating: $0, count: Int.random(in: 1...3, using: &random)) }
            var rest = copies.shuffled(using: &random)[...]
            var batches: [[CustomerAPI.Receive]] = []
            while !rest.isEmpty {
                batches.append(Array(rest.prefix(Int.random(in: 1...8, using: &random))))
                rest = rest.dropFirst(batches[batches.count - 1].count)
            }
            #expect(try await self.rows(after: batches) == expected, "one after the other, seed \(seed)")
            #expect(try await self.rows(after: batches, at: 4) == expected, "four at a time, seed \(seed)")
        }
    }

    /// What an organization's tables hold after `batches`, of which some run at the same time.
    private func rows(after batches: [[CustomerAPI.Receive]], at once: Int = 1) async throws -> [String] {
        let orgID = OrgID.new()
        let receive = self.receive
        try await withThrowingTaskGroup { tasks in
            for lane in 0..<once {
                tasks.addTask {
                    for (number, batch) in batches.enumerated() where number % once == lane {
                        _ = try await receive(batch.map { $0.of(orgID) })
                    }
                }
            }
            try await tasks.waitForAll()
        }
        return try await Stored.everything(of: orgID)
    }

    private static let accounts = [AccountID.new(), AccountID.new()]

    /// Each person has three addresses and uses two or three at a time: so every two messages of one share an address.
    private static func message(_ number: Int, _ random: inout SplitMix64) -> CustomerAPI.Receive {
        let person = Int.random(in: 0..<4, using: &random)
        let addresses = [
            Address(kind: .phone, value: "+1415555010\(person)"), Address(kind: .whatsapp, value: "US.\(person)"),
            Address(
                kind: .email,
                value: "caf\(person.isMultiple(of: 2) ? "\u{E9}" : "e\u{301}")\(person / 2)@example.com"
            ),
        ]
        return CustomerAPI.Receive(
            orgID: .new(),
            accountID: Self.accounts.randomElement(using: &random) ?? Self.accounts[0],
            // Some keys stand twice, in two accounts or two channels.
            eventKey: "\(number / 2)\(number.isMultiple(of: 3) ? "x" : "X")",
            channel: number.isMultiple(of: 2) ? .sms : .whatsapp,
            senders: Array(addresses.shuffled(using: &random).prefix(Int.random(in: 2...3, using: &random))),
            profileName: [nil, "Ann", "Annie", "\u{E9}", "e\u{301}", " "].randomElement(using: &random) ?? nil,
            keyword: [nil, .stop, .start, .help].randomElement(using: &random) ?? nil,
            occurredAt: Inbound.time(Int.random(in: 0..<4, using: &random))
        )
    }

    private static func orders<Element>(of elements: [Element]) -> [[Element]] {
        guard elements.count > 1 else { return [elements] }
        return elements.indices.flatMap { index in
            var rest = elements
            let first = rest.remove(at: index)
            return Self.orders(of: rest).map { [first] + $0 }
        }
    }
}

/// Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators".
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
