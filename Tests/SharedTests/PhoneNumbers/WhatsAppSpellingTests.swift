import PhoneNumbers
import Shared
import Testing

/// The few rules that know no numbering plan, against the library that does.
struct WhatsAppSpellingTests {
    /// What WhatsApp tells, the region, what a person writes there, and how else the line may be known.
    @Test(arguments: [
        ("5215512345678", "MX", "55 1234 5678", "+5215512345678"),
        ("525512345678", "MX", "55 1234 5678", "+5215512345678"),
        ("5491123456789", "AR", "011 15-2345-6789", "+541123456789"),
        ("5493515123456", "AR", "0351 15 512-3456", "+543515123456"),
        ("553181234567", "BR", "(31) 98123-4567", "+553181234567"),
        ("5531981234567", "BR", "(31) 98123-4567", "+553181234567"),
        ("5511961234567", "BR", "(11) 96123-4567", "+551161234567"),
    ])
    func aLineIsKnownByTheNumberThatPeopleWrite(told: String, region: String, typed: String, other: String) throws {
        let number = try PhoneNumber(typed, in: PhoneRegion(rawValue: region))
        #expect("+\(WhatsAppSpelling.standard(told))" == number.e164)
        #expect(WhatsAppSpelling.other(of: number.e164) == other)
    }

    /// Fixed lines, other countries, and what is no number of theirs at all.
    @Test(arguments: [
        "553132123456", "55318123456", "5531912345678", "541123456789", "521551234567", "52155123456789",
        "14155550100", "491711234567", "5521", "",
    ])
    func allElseStaysAsItIs(told: String) {
        #expect(WhatsAppSpelling.standard(told) == told)
    }

    /// A fixed line of Mexico looks like a mobile one, so it has another spelling too; nobody else has that.
    @Test(arguments: ["+553132123456", "+5531932123456", "+541123456789", "+14155550100", "+5512", "+", ""])
    func mostHaveNoOtherSpelling(number: String) {
        #expect(WhatsAppSpelling.other(of: number) == nil)
    }

    /// Nobody else's line is taken for this one: the other spelling is in no range of its country.
    @Test(arguments: ["+553181234567", "+551161234567"]) func theOtherSpellingIsNobodysNumber(number: String) {
        #expect(PhoneNumber.details(of: number)?.kind == .unknown)
    }
}
