import Shared
import Testing

@testable import MessagingService

/// How far a clock is to be moved: `7h21m`.
@Suite struct DurationSpansTests {
    @Test(
        arguments: [
            ("500ms", 500), ("0s", 0), ("90s", 90_000), ("5m", 300_000), ("7h21m", 26_460_000), ("1d", 86_400_000),
            ("1d2h3m4s5ms", 93_784_005), ("5m5ms", 300_005), ("1m1m", 120_000), ("366d", 31_622_400_000),
            ("31622400s", 31_622_400_000),
        ] as [(String, Int64)]
    )
    func spansAreAddedUp(text: String, milliseconds: Int64) {
        #expect(Duration(spans: text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "h", "7", "7x", "1.5h", "-5m", "+5m", "5 m", " 5m", "5m ", "5M", "7h 21m", "PT5M", "soon", "٣m", "367d",
        "366d1ms", "31622401s", "99999999999999999999s", "999999999999d",
    ])
    func whatIsNoDurationOfAYearAtMostIsRefused(text: String) {
        #expect(Duration(spans: text) == nil)
    }
}
