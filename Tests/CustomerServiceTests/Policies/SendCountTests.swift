import InternalAPI
import Shared
import TestSupport
import Testing

@testable import CustomerService

/// What can be read of a recipient's count.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct SendCountTests {
    private static let phone = Address(kind: .phone, value: "+14155550100")
    private let orgID = OrgID.new()
    private let start = Timestamp(microseconds: 1_796_000_000_000_000)

    private func count(_ service: RunningService, at time: Timestamp, _ id: CustomerID) async throws {
        let check = CustomerAPI.PolicyCheck(
            orgID: self.orgID,
            messageID: .new(),
            customerID: id,
            address: Self.phone,
            channel: .sms,
            category: .marketing,
            stage: .sending,
            rules: SendingRules(),
            at: time
        )
        #expect(try await service.api.checkPolicy([check]) == [.allowed])
    }

    @Test func whatWasSentIsReadAndWhenThereIsRoomAgain() async throws {
        try await RunningService.run { service in
            let resolved = try await service.api.resolve([.address(orgID: self.orgID, Self.phone)])
            let id = try #require(resolved[0].customerID)
            let times = (0..<3).map { self.start + .seconds($0 * 3600) }
            for time in times { try await self.count(service, at: time, id) }
            let before = self.start - .seconds(1)
            // The cap, the window's beginning, the count, the oldest, and the one that is in the way.
            let cases: [(Int?, Timestamp, Int, Timestamp?, Timestamp?)] = [
                (nil, before, 3, times[0], nil), (4, before, 3, times[0], nil), (3, before, 3, times[0], times[0]),
                (2, before, 3, times[0], times[1]), (1, before, 3, times[0], times[2]),
                (3, times[0], 2, times[1], nil), (1, times[2], 0, nil, nil),
            ]
            for (cap, since, count, oldest, blocking) in cases {
                let expected = CustomerAPI.Sends(customerID: id, count: count, oldest: oldest, blocking: blocking)
                for recipient: CustomerAPI.SendsQuery.Recipient in [.customer(id), .address(Self.phone)] {
                    let query = CustomerAPI.SendsQuery(orgID: self.orgID, recipient: recipient, since: since, cap: cap)
                    let sends = try await service.api.sends(query)
                    #expect(sends == expected, "\(cap ?? 0) \(since)")
                }
            }
        }
    }

    @Test func ofWhomNothingIsKnownThereIsNothing() async throws {
        try await RunningService.run { service in
            let resolved = try await service.api.resolve([.address(orgID: self.orgID, Self.phone)])
            let id = try #require(resolved[0].customerID)
            let (nobody, other) = (CustomerID.new(), OrgID.new())
            for (orgID, recipient) in [(self.orgID, nobody), (other, id)] {
                let query = CustomerAPI.SendsQuery(orgID: orgID, recipient: .customer(recipient), since: .epoch, cap: 1)
                let sends = try await service.api.sends(query)
                #expect(sends == nil)
            }
            let query = CustomerAPI.SendsQuery(orgID: other, recipient: .address(Self.phone), since: .epoch, cap: 1)
            let sends = try await service.api.sends(query)
            #expect(sends == .init(customerID: nil, count: 0, oldest: nil, blocking: nil))
        }
    }
}
