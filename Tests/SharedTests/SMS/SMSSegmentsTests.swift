import Shared
import Testing

/// How texts are cut, at every boundary.
struct SMSSegmentsTests {
    /// Parts of a text with how often each stands in it, the units it has, and the segments it takes.
    struct Vector: Sendable, CustomTestStringConvertible {
        let parts: [(String, Int)]
        let units: Int
        let segments: Int

        init(_ parts: [(String, Int)], _ units: Int, _ segments: Int) {
            (self.parts, self.units, self.segments) = (parts, units, segments)
        }

        var text: String { self.parts.map { String(repeating: $0.0, count: $0.1) }.joined() }
        var testDescription: String { self.parts.map { "\($0.0.debugDescription)*\($0.1)" }.joined(separator: "+") }
    }

    @Test(arguments: [
        Vector([], 0, 1), Vector([("a", 1)], 1, 1), Vector([("a", 159)], 159, 1), Vector([("a", 160)], 160, 1),
        Vector([("a", 161)], 161, 2), Vector([("a", 305)], 305, 2), Vector([("a", 306)], 306, 2),
        Vector([("a", 307)], 307, 3), Vector([("a", 459)], 459, 3), Vector([("a", 460)], 460, 4),
        Vector([("a", 1530)], 1530, 10), Vector([("a", 1531)], 1531, 11), Vector([("a", 1600)], 1600, 11),
        // Two septets each.
        Vector([("€", 1)], 2, 1), Vector([("€", 80)], 160, 1), Vector([("€", 81)], 162, 2),
        Vector([("a", 158), ("€", 1)], 160, 1), Vector([("a", 159), ("€", 1)], 161, 2),
        // 76 escaped ones fill 152 of a segment's 153 septets; the last stays empty.
        Vector([("€", 152)], 304, 2), Vector([("€", 153)], 306, 3),
        // The escape would end the first segment and its character begin the second: both go there.
        Vector([("a", 152), ("€", 1), ("a", 152)], 306, 3), Vector([("a", 151), ("€", 1), ("a", 153)], 306, 2),
        Vector([("a", 152), ("€", 1), ("a", 151)], 305, 2), Vector([("a", 152), ("€", 1), ("a", 7)], 161, 2),
        Vector([("a", 305), ("€", 1)], 307, 3), Vector([("a", 153), ("a", 152), ("^", 1)], 307, 3),
        Vector([("[", 1), ("a", 158)], 160, 1), Vector([("{}", 40)], 160, 1), Vector([("{}", 41)], 164, 2),
        Vector([("\u{0C}", 80)], 160, 1), Vector([("~", 1), ("\\", 1), ("|", 1), ("]", 1)], 8, 1),
        // A line break is one septet, and one with a return two.
        Vector([("\n", 160)], 160, 1), Vector([("\r\n", 80)], 160, 1), Vector([("\r\n", 81)], 162, 2),
        Vector([("ÄÖÜäöüß", 20), ("@£$¥", 5)], 160, 1), Vector([("ΔΦΓΛΩΠΨΣΘΞ", 16)], 160, 1),
        Vector([("é", 161)], 161, 2),
    ])
    func ofGSM7(vector: Vector) {
        let segments = SMSSegments(vector.text)
        #expect(segments.encoding == .gsm7)
        #expect(segments.units == vector.units)
        #expect(segments.count == vector.segments)
    }

    @Test(arguments: [
        Vector([("я", 1)], 1, 1), Vector([("я", 69)], 69, 1), Vector([("я", 70)], 70, 1), Vector([("я", 71)], 71, 2),
        Vector([("я", 134)], 134, 2), Vector([("я", 135)], 135, 3), Vector([("я", 201)], 201, 3),
        Vector([("я", 202)], 202, 4), Vector([("я", 670)], 670, 10), Vector([("я", 671)], 671, 11),
        // Two units each: a segment of 67 has room for 33 of them.
        Vector([("😀", 1)], 2, 1), Vector([("😀", 35)], 70, 1), Vector([("😀", 36)], 72, 2),
        Vector([("😀", 66)], 132, 2), Vector([("😀", 67)], 134, 3),
        Vector([("я", 66), ("😀", 1), ("я", 66)], 134, 3), Vector([("я", 65), ("😀", 1), ("я", 67)], 134, 2),
        Vector([("я", 66), ("😀", 1), ("я", 65)], 133, 2), Vector([("a", 69), ("😀", 1)], 71, 2),
        Vector([("a", 68), ("😀", 1)], 70, 1),
        // One character that GSM-7 does not have makes every other one of 16 bits.
        Vector([("a", 69), ("ç", 1)], 70, 1), Vector([("a", 70), ("ç", 1)], 71, 2),
        Vector([("a", 159), ("’", 1)], 160, 3),
        Vector([("€", 69), ("`", 1)], 70, 1), Vector([("\t", 1)], 1, 1), Vector([("a\u{A0}", 35)], 70, 1),
        // An accent of its own is a character of its own, although it is seen as one with its letter.
        Vector([("e\u{301}", 35)], 70, 1), Vector([("e\u{301}", 36)], 72, 2),
        // A family is seven characters of eleven units; they may be parted, each of them may not.
        Vector([("👨‍👩‍👧‍👦", 6), ("я", 4)], 70, 1), Vector([("👨‍👩‍👧‍👦", 7)], 77, 2), Vector([("🇩🇪", 17)], 68, 1),
    ])
    func ofUCS2(vector: Vector) {
        let segments = SMSSegments(vector.text)
        #expect(segments.encoding == .ucs2)
        #expect(segments.units == vector.units)
        #expect(segments.count == vector.segments)
    }

    /// The number of segments by building them: whole characters in each, none more than it may have.
    @Test func countsWhatAPackerMakes() {
        var random = SystemRandomNumberGenerator()
        let alphabets = [["a", "€", "\n", "ß"], ["я", "😀", "a"], ["[", "b"], ["😀"]]
        for _ in 0..<2000 {
            let alphabet = alphabets.randomElement(using: &random) ?? []
            let text = (0..<Int.random(in: 0...700, using: &random)).compactMap { _ in
                alphabet.randomElement(using: &random)
            }.joined()
            #expect(SMSSegments(text).count == Self.packed(text), "\(text)")
        }
    }

    private static func packed(_ text: String) -> Int {
        let doubled = "€[\\]^{|}~\u{0C}".unicodeScalars
        let isUCS2 = text.unicodeScalars.contains { $0.value > 0x3FF && $0 != "€" }
        let sizes = text.unicodeScalars.map { isUCS2 ? ($0.value > 0xFFFF ? 2 : 1) : (doubled.contains($0) ? 2 : 1) }
        guard sizes.reduce(0, +) > (isUCS2 ? 70 : 160) else { return 1 }
        var segments: [[Int]] = [[]]
        for size in sizes {
            if segments[segments.count - 1].reduce(size, +) > (isUCS2 ? 67 : 153) { segments.append([]) }
            segments[segments.count - 1].append(size)
        }
        return segments.count
    }
}
