import Shared
import Testing

@testable import Providers

struct MailDateTests {
    @Test(arguments: [
        ("Sat, 21 Nov 2026 10:00:00 +0000", "2026-11-21T10:00:00Z"),
        ("Thu, 24 Aug 2023 05:01:45 +0000", "2023-08-24T05:01:45Z"),
        ("Thu, 1 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00Z"),
        ("Sun, 01 Feb 2032 23:59:59 -0130", "2032-02-02T01:29:59Z"),
    ]) func `a time is read`(_ text: String, _ time: String) {
        #expect(MailDate.timestamp(text) == Timestamp(time))
    }

    @Test(arguments: [
        "", "2026-11-21T10:00:00Z", "Sat, 21 Nov 2026 10:00:00", "Sat, 21 Nov 2026 10:00:00 GMT",
        "Sat, 31 Nov 2026 10:00:00 +0000", "Sat, 21 Sol 2026 10:00:00 +0000", "21 Nov 2026 10:00:00 +0000 x",
        "Sat, 021 Nov 2026 10:00:00 +0000",
    ]) func `anything else is not`(_ text: String) {
        #expect(MailDate.timestamp(text) == nil)
    }

    @Test func `what is written is read`() {
        for day in 0..<800 {
            let time = Timestamp(microseconds: (Int64(day) * 86_400 + 12_345) * 1_000_000)
            #expect(MailDate.timestamp(MailDate.text(time)) == time)
        }
    }
}
