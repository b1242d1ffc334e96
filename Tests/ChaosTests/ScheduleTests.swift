import FaultPoints
import Installation
import Testing

@testable import Chaos

@Suite struct ScheduleTests {
    private static func schedule(
        seed: UInt64 = 7,
        seconds: Int = 60,
        without left: Set<Schedule.Lane> = []
    ) -> Schedule {
        Schedule(seed: seed, duration: .seconds(seconds), workers: 4, without: left, rounds: max(seconds / 36, 1))
    }

    @Test func aSeedDecidesEverything() {
        #expect(Self.schedule() == Self.schedule())
        #expect(Self.schedule() != Self.schedule(seed: 8))
    }

    @Test(arguments: [20, 60, 299, 1800])
    func faultsOfALaneComeOneAfterTheOtherAndEndInTime(seconds: Int) {
        for (lane, planned) in Self.schedule(seconds: seconds).lanes {
            for (fault, next) in zip(planned, planned.dropFirst()) {
                #expect(fault.at + fault.fault.length < next.at, "\(lane)")
            }
            for fault in planned where fault.fault.length > .milliseconds(500) {
                #expect(fault.at + fault.fault.length <= .seconds(seconds), "\(lane) \(fault)")
            }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func aMinuteHasEveryLaneAndFortyKills(seed: UInt64) {
        let lanes = Self.schedule(seed: seed).lanes
        #expect(
            Set(lanes.filter { !$0.value.isEmpty }.keys).isSuperset(
                of: Set(Schedule.Lane.allCases).subtracting([.disk])
            )
        )
        let kills = lanes[.kills]?.count ?? 0
        #expect((25...80).contains(kills))
    }

    @Test func halfAnHourHasFiveHundredKillsAndFiftyRoundsOfFaultPoints() {
        let schedule = Self.schedule(seconds: 1800)
        #expect(schedule.lanes[.kills]?.count ?? 0 >= 400)
        let counts = Dictionary(grouping: schedule.points, by: \.point).mapValues(\.count)
        #expect(counts.count == FaultPoint.allCases.count)
        #expect(counts.values.allSatisfy { $0 == 50 })
    }

    @Test func aLaneThatCanNotBePlayedIsLeftOutAndTheOthersStayAsTheyAre() {
        let (all, some) = (Self.schedule(), Self.schedule(without: [.disk]))
        #expect(some.lanes[.disk] == nil)
        #expect(some.lanes[.kills] == all.lanes[.kills])
        #expect(some.points.map(\.point).count == all.points.count)
    }

    @Test func everyFaultPointHasAProcessThatComesThere() {
        let workers = Targets(workers: 4).workers
        for point in FaultPoint.allCases {
            let names = point.processes(among: workers)
            #expect(!names.isEmpty)
            #expect(Set(names).isSubset(of: Set(Targets(workers: 4).processes)), "\(point)")
        }
    }

    @Test(arguments: [
        ("outbound-worker-3", "outbound-worker"), ("messaging-service-a", "messaging-service"),
        ("api-gateway", "api-gateway"), ("customer-service", "customer-service"),
    ])
    func aProcessIsCountedUnderItsProgram(name: String, program: String) {
        #expect(Fault.program(name) == program)
    }
}
