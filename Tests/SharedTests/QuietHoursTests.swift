import Foundation
import Shared
import Testing

/// When marketing waits, by whose clock.
@Suite struct QuietHoursTests {
    /// From, to, the organization's zone, the recipient's, the time, and when it may be sent; nil at once.
    @Test(
        arguments: [
            ("21:00", "08:00", "UTC", nil, "2026-11-26T20:59:59Z", nil),
            ("21:00", "08:00", "UTC", nil, "2026-11-26T21:00:00Z", "2026-11-27T08:00:00Z"),
            ("21:00", "08:00", "UTC", nil, "2026-11-27T07:59:59Z", "2026-11-27T08:00:00Z"),
            ("21:00", "08:00", "UTC", nil, "2026-11-27T08:00:00Z", nil),
            ("12:00", "13:30", "UTC", nil, "2026-11-26T11:59:00Z", nil),
            ("12:00", "13:30", "UTC", nil, "2026-11-26T12:00:00Z", "2026-11-26T13:30:00Z"),
            ("12:00", "13:30", "UTC", nil, "2026-11-26T13:30:00Z", nil),
            ("21:00", "08:00", "Europe/Berlin", nil, "2026-11-26T20:30:00Z", "2026-11-27T07:00:00Z"),
            ("21:00", "08:00", "Europe/Berlin", "America/New_York", "2026-11-26T20:30:00Z", nil),
            ("21:00", "08:00", "Europe/Berlin", "America/New_York", "2026-11-27T03:00:00Z", "2026-11-27T13:00:00Z"),
            ("21:00", "08:00", "Europe/Berlin", "Mars/Olympus", "2026-11-26T20:30:00Z", "2026-11-27T07:00:00Z"),
            // A zone that is no whole hour away.
            ("21:00", "08:00", "UTC", "Asia/Kathmandu", "2026-11-26T15:15:00Z", "2026-11-27T02:15:00Z"),
            // The night in which the clock goes forward, and the one in which it goes back.
            ("21:00", "02:30", "UTC", "Europe/Berlin", "2026-03-28T22:00:00Z", "2026-03-29T01:00:00Z"),
            ("21:00", "08:00", "UTC", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T07:00:00Z"),
        ] as [(String, String, String, String?, String, String?)]
    )
    func theyEndByTheRecipientsClock(
        start: String,
        end: String,
        zone: String,
        recipients: String?,
        time: String,
        until: String?
    ) throws {
        let hours = try #require(Self.hours(["start": .string(start), "end": .string(end), "timezone": .string(zone)]))
        let found = hours.end(at: try #require(Timestamp(time)), in: recipients)
        #expect(found == until.flatMap { Timestamp($0) })
    }

    @Test(
        arguments: [
            ["start": "21:00"], ["start": "21:00", "end": "24:00"], ["start": "9:00", "end": "10:00"],
            ["start": "21:60", "end": "08:00"], ["start": "21:00", "end": "21:00"], ["start": "٢١:٠٠", "end": "08:00"],
            ["start": "21:00", "end": "08:00", "timezone": "Berlin"], ["start": "21:00", "end": "08:00", "more": 1],
        ] as [JSONObject]
    )
    func whatIsNoSpanOfADayIsRefused(hours: JSONObject) {
        var fields = JSONFields(["quiet_hours": .object(hours)], at: "")
        let settings = OrgSettings(reading: &fields)
        #expect(settings.sendingRules.quietHours == nil || !fields.violations.isEmpty)
        #expect(fields.violations.contains { $0.pointer.hasPrefix("/quiet_hours") })
    }

    /// A cap of 0 is none, and what is not said is the ordinary rule.
    @Test(
        arguments: [
            ([:], Category.marketing, 30), ([:], .transactional, nil), ([:], .otp, nil),
            (["per_guest_monthly_cap": 5], .marketing, 5), (["per_guest_monthly_cap": 0], .marketing, nil),
            (["allow_transactional_bypass": false], .transactional, 30),
            (["allow_transactional_bypass": false], .otp, 30),
        ] as [(JSONObject, Shared.Category, Int?)]
    )
    func theCapIsForWhatDoesNotBypassIt(settings: JSONObject, category: Shared.Category, cap: Int?) {
        #expect(OrgSettings(stored: settings).sendingRules.cap(of: category) == cap)
    }

    private static func hours(_ object: JSONObject) -> QuietHours? {
        OrgSettings(stored: ["quiet_hours": .object(object)]).sendingRules.quietHours
    }
}
