import PhoneNumbers
import Shared
import TestSupport
import Testing

/// Telephone numbers as people write them, of many countries.
struct PhoneNumberTests {
    /// The default region, the text, and the number in E.164.
    @Test(arguments: [
        ("DE", "0171 1234567", "+491711234567"), ("DE", "(0171) 123-4567", "+491711234567"),
        ("DE", "030/901820", "+4930901820"), ("DE", "0049 171 1234567", "+491711234567"),
        ("DE", "1711234567", "+491711234567"), ("DE", "+1 415 555 0100", "+14155550100"),
        ("AT", "0664 1234567", "+436641234567"), ("CH", "079 123 45 67", "+41791234567"),
        ("US", "(415) 555-0100", "+14155550100"), ("US", "1-415-555-0100", "+14155550100"),
        ("US", "415.555.0100", "+14155550100"), ("US", "011 49 171 1234567", "+491711234567"),
        ("CA", "416 555 0100", "+14165550100"), ("GB", "07400 123456", "+447400123456"),
        ("GB", "020 7946 0018", "+442079460018"), ("IE", "085 012 3456", "+353850123456"),
        ("FR", "06 12 34 56 78", "+33612345678"), ("ES", "612 34 56 78", "+34612345678"),
        ("IT", "06 1234 5678", "+390612345678"), ("IT", "312 345 6789", "+393123456789"),
        ("SM", "0549 886377", "+3780549886377"), ("NL", "06 12345678", "+31612345678"),
        ("PL", "512 345 678", "+48512345678"), ("SE", "070-123 45 67", "+46701234567"),
        ("RU", "8 912 345-67-89", "+79123456789"), ("TR", "0501 234 56 78", "+905012345678"),
        ("JP", "090-1234-5678", "+819012345678"), ("CN", "131 2345 6789", "+8613123456789"),
        ("IN", "081234 56789", "+918123456789"), ("IN", "918123456789", "+918123456789"),
        ("SG", "8123 4567", "+6581234567"), ("HK", "5123 4567", "+85251234567"),
        ("AU", "0412 345 678", "+61412345678"), ("NZ", "021 123 4567", "+64211234567"),
        ("BR", "(11) 96123-4567", "+5511961234567"), ("MX", "222 123 4567", "+522221234567"),
        ("AR", "011 15-2345-6789", "+5491123456789"), ("ZA", "071 123 4567", "+27711234567"),
        ("KE", "0712 123456", "+254712123456"), ("NG", "0802 123 4567", "+2348021234567"),
        ("EG", "0100 123 4567", "+201001234567"), ("AE", "050 123 4567", "+971501234567"),
        ("IL", "050-234-5678", "+972502345678"),
    ])
    func aNumberInNationalFormIsReadByItsRegion(region: String, text: String, e164: String) throws {
        let region = try #require(PhoneRegion(rawValue: region))
        #expect(try PhoneNumber(text, in: region).e164 == e164)
        // What was read once is read as the same again, whatever the region.
        #expect(try PhoneNumber(e164, in: nil).e164 == e164)
        #expect(try PhoneNumber(e164, in: region).e164 == e164)
    }

    @Test(arguments: [
        ("+14155550100", "+14155550100"), ("+1 (415) 555-0100", "+14155550100"), ("+49.30.901820", "+4930901820"),
        ("  +49 171 1234567 ", "+491711234567"), ("(+49) 171 1234567", "+491711234567"),
        // The trunk digit of the national form has no place in the international one, but for Italy.
        ("+49 (0)171 1234567", "+491711234567"), ("+44 (0)7400 123456", "+447400123456"),
        ("+4901711234567", "+491711234567"), ("+390612345678", "+390612345678"),
        // Mexico has had no 1 before its mobile numbers since 2019.
        ("+5212221234567", "+522221234567"), ("+5491123456789", "+5491123456789"),
        ("+800 1234 5678", "+80012345678"), ("+882 13 123456", "+88213123456"), ("+290 23456", "+29023456"),
        // Of no range that is in use, but possible: the sandbox's, and what a country gave out only now.
        ("+15550000001", "+15550000001"), ("+15550000009", "+15550000009"), ("+447700900123", "+447700900123"),
    ])
    func aNumberInInternationalFormNeedsNoRegion(text: String, e164: String) throws {
        #expect(try PhoneNumber(text, in: nil).e164 == e164)
        #expect(try PhoneNumber(text, in: PhoneRegion(rawValue: "JP")).e164 == e164)
    }

    /// The default region, the text, and a part of what is said.
    @Test(
        arguments: [
            (nil, "0171 1234567", "default_region"), (nil, "4155550100", "international form"),
            (nil, "0049 171 1234567", "like +14155550100"),
            ("DE", "+999 1234 5678", "no country calling code that exists"),
            ("DE", "+04155550100", "no country calling"),
            ("DE", "110", "too short for a telephone number of the default region DE"), ("US", "911", "too short"),
            ("DE", "12345", "is no telephone number of the default region DE"), ("US", "12345", "too short"),
            ("US", "555-0100", "area code"), (nil, "+1 555 0100", "area code"), (nil, "+1415555", "too short"),
            ("US", "415 555 01001", "too long"),
            (nil, "+1 415 555 01001", "too long for a telephone number of its country"),
            (nil, "+49 171 123456789012345", "is too long"), (nil, "+4917112345678901", "15 digits"),
            ("US", "555 000 0001", "is no telephone number of the default region US"),
            ("FR", "09 99", "too short"), ("DE", "491711234567", "two ways"),
            (nil, "+1415555O100", "has the letter O"), ("US", "1-800-FLOWERS", "has the letter F"),
            (nil, "tel:+14155550100", "has the letter t"), ("DE", "Acme", "has the letter A"),
            (nil, "+14155550100 x7", "must not have an extension"),
            ("DE", "030 901820 #12", "must not have an extension"),
            (nil, "+14155550100;ext=7", "must not have an extension"), ("DE", "*100#", "must not have an extension"),
            (nil, "+14155550100,123", "must not have an extension"),
            (nil, "+1415\u{0}5550100", "U+0000"), (nil, "+14155550100\n", "U+000A"),
            (nil, "+١٤١٥٥٥٥٠١٠٠", "digits 0 to 9, and has another one (U+0661)"), ("JP", "０９０１２３４５６７８", "U+FF10"),
            (nil, "＋14155550100", "U+FF0B"), (nil, "\u{202A}+14155550100\u{202C}", "U+202A"),
            (nil, "+1\u{A0}415 555 0100", "U+00A0"), (nil, "+1 415 555\u{2011}0100", "U+2011"),
            (nil, "+\u{301}14155550100", "U+0301"), (nil, "+1 415 555 0100 😀", "U+1F600"),
            (nil, "++14155550100", "no + but the one at its beginning"), (nil, "+1 415 +555 0100", "no + but"),
            ("DE", "0171+1234567", "no + but"), (nil, "+", "is no telephone number"),
            ("DE", "", "is no telephone number"),
            ("DE", " ", "is no telephone number"), ("DE", "()", "is no telephone number"),
            (nil, "+1 415 555 0100\(String(repeating: " ", count: 40))", "is too long"),
        ] as [(String?, String, String)]
    )
    func whatIsNoNumberIsRefusedAndWhyIsSaid(region: String?, text: String, reason: String) {
        let failure = #expect(throws: AddressFailure.self) {
            try PhoneNumber(text, in: region.flatMap(PhoneRegion.init(rawValue:)))
        }
        #expect(failure?.reason.contains(reason) == true, "\(failure?.reason ?? "-")")
    }

    @Test(
        arguments: [
            ("+491711234567", "DE", .mobile), ("+4930901820", "DE", .fixedLine),
            ("+14155550100", "US", .fixedLineOrMobile),
            ("+14165550100", "CA", .fixedLineOrMobile), ("+447400123456", "GB", .mobile),
            ("+441481256789", "GG", .fixedLine),
            ("+18002345678", "US", .tollFree), ("+499001234567", "DE", .premiumRate), ("+80012345678", nil, .tollFree),
            ("+443012345678", "GB", .companyWide), ("+5511961234567", "BR", .mobile), ("+818012345678", "JP", .mobile),
            ("+15550000001", nil, .unknown),
        ] as [(String, String?, PhoneNumber.Kind)]
    )
    func regionAndKindAreSeen(e164: String, region: String?, kind: PhoneNumber.Kind) {
        // The second time it is known.
        for _ in 1...2 {
            let details = PhoneNumber.details(of: e164)
            #expect(details == .init(region: region.flatMap(PhoneRegion.init(rawValue:)), kind: kind))
        }
    }

    /// A number without a space is taken apart by its calling code alone; with one it is read as any text is.
    @Test func aNumberInE164IsReadAsTheSameWithASpace() {
        // The same numbers each time: they are a sample of what was compared once, four million of all codes.
        var random = SeededGenerator(seed: 1, purpose: 3)
        var read = 0
        for code in 1...999 {
            for _ in 0..<40 {
                let digits = Int.random(in: 5...12, using: &random)
                let tail = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
                let spaced = Result { try PhoneNumber("+\(code) \(tail)", in: nil) }
                // Of a number that is known by now, too.
                for _ in 1...2 {
                    let plain = Result { try PhoneNumber("+\(code)\(tail)", in: nil) }
                    #expect(plain.map(\.e164).text == spaced.map(\.e164).text, "+\(code) \(tail)")
                }
                if case .success = spaced { read += 1 }
            }
        }
        #expect(read > 1000)
    }

    @Test(arguments: ["", "ann@example.com", "US.13491208655302741918", "4155550100"])
    func ofOtherAddressesThereIsNothingToSee(address: String) {
        #expect(PhoneNumber.details(of: address) == nil)
    }

    @Test func theRegionsAreThoseOfTheNumberingPlans() {
        #expect(PhoneRegion.all.count == 245)
        for region in PhoneRegion.all { #expect(PhoneNumber.knows(region), "\(region.rawValue)") }
    }

    @Test(arguments: ["", "de", "D", "DEU", "ZZ", "001", "XX", "AQ", " DE", "D\u{0}"])
    func whatIsNoRegionIsNone(text: String) {
        #expect(PhoneRegion(rawValue: text) == nil)
    }
}

extension Result<String, any Error> {
    /// The number, or why it is none.
    fileprivate var text: String {
        switch self {
        case .success(let number): number
        case .failure(let error): "\(error)"
        }
    }
}
