import Shared
import Testing

struct AddressTests {
    @Test(arguments: [
        ("+14155550100", "+14155550100"), ("+1 (415) 555-0100", "+14155550100"), ("+49.30.901820", "+4930901820"),
        ("+1234567", "+1234567"), ("+123456789012345", "+123456789012345"),
    ])
    func aTelephoneNumberIsReducedToItsDigits(text: String, value: String) throws {
        #expect(try Address(text, for: .sms) == Address(kind: .phone, value: value))
        #expect(try Address(text, for: .whatsapp) == Address(kind: .phone, value: value))
        #expect(try Address(text, for: .sandbox) == Address(kind: .phone, value: value))
    }

    @Test(arguments: [
        "4155550100", "0014155550100", "+04155550100", "+123456", "+1234567890123456", "+1415555O100", "+",
        "++14155550100",
        "+1415\u{0}5550100", "+١٤١٥٥٥٥٠١٠٠", "+\u{301}14155550100", "tel:+14155550100", "+14155550100x7",
        "ann@example.com",
    ])
    func whatIsNoTelephoneNumberIsRefused(text: String) {
        let failure = #expect(throws: AddressFailure.self) { try Address(text, for: .sms) }
        #expect(failure?.reason.contains("+14155550100") == true)
        #expect(throws: AddressFailure.self) { try Address(text, for: .whatsapp) }
    }

    @Test(arguments: [
        ("ann@example.com", "ann@example.com"), ("Ann.Lee+news@Mail.EXAMPLE.com", "Ann.Lee+news@mail.example.com"),
        ("o'neill@xn--mnchen-3ya.de", "o'neill@xn--mnchen-3ya.de"), ("1@2.3d", "1@2.3d"),
        ("\(String(repeating: "a", count: 64))@b.c", "\(String(repeating: "a", count: 64))@b.c"),
    ])
    func anEmailAddressKeepsItsLocalPartAndTheDomainIsLowercased(text: String, value: String) throws {
        #expect(try Address(text, for: .email) == Address(kind: .email, value: value))
        #expect(try Address(text, for: .sandbox) == Address(kind: .email, value: value))
    }

    @Test(arguments: [
        "ann", "ann@", "@example.com", "ann@example", "ann@@example.com", "ann@b@example.com", "ann@.com",
        "ann@example.",
        "ann@-example.com", "ann@example-.com", "ann@exa mple.com", "ann lee@example.com", "ann@example.com\r\nBcc: x",
        "<ann@example.com>", "\"ann\"@example.com", "änn@example.com", "ann@münchen.de", "ann@192.0.2.1",
        "ann@[192.0.2.1]",
        "ann@\u{301}example.com", "\(String(repeating: "a", count: 65))@b.c",
        "a@\(String(repeating: "b", count: 64)).c", "a@\(String(repeating: "b.", count: 126))c",
    ])
    func whatIsNoEmailAddressIsRefused(text: String) {
        let failure = #expect(throws: AddressFailure.self) { try Address(text, for: .email) }
        #expect(failure?.reason == "must be an email address, like ann@example.com")
    }

    @Test(arguments: ["US.13491208655302741918", "DE.a", "GB.\(String(repeating: "9", count: 128))"])
    func aBusinessScopedIDIsOneOnWhatsAppOnly(text: String) throws {
        #expect(try Address(text, for: .whatsapp) == Address(kind: .whatsapp, value: text))
        #expect(throws: AddressFailure.self) { try Address(text, for: .sms) }
    }

    @Test(arguments: [
        "US.", "us.134", "USA.134", "U.134", "US.13-4", "US.é", "GB.\(String(repeating: "9", count: 129))",
    ])
    func whatIsNoBusinessScopedIDIsRefused(text: String) {
        #expect(throws: AddressFailure.self) { try Address(text, for: .whatsapp) }
    }

    @Test(arguments: [(Channel.push, AddressKind.push), (.inapp, .external), (.webhook, .external)])
    func otherChannelsTakeAnyTextWithoutSpaces(channel: Channel, kind: AddressKind) throws {
        #expect(try Address("fcm:aB-_7/é", for: channel) == Address(kind: kind, value: "fcm:aB-_7/é"))
        for text in ["a b", "a\tb", "a\u{0}b", "a\u{7F}b", "a\u{85}b", "a\u{A0}b", "a\u{2028}b", "\n"] {
            let failure = #expect(throws: AddressFailure.self) { try Address(text, for: channel) }
            #expect(failure?.reason == "must not contain spaces or control characters")
        }
    }

    @Test(arguments: Channel.allCases)
    func anAddressHasOneTo320Bytes(channel: Channel) {
        // Two bytes each.
        for text in ["", String(repeating: "é", count: 161)] {
            let failure = #expect(throws: AddressFailure.self) { try Address(text, for: channel) }
            #expect(failure?.reason == "must have 1 to 320 bytes")
        }
    }

    @Test func textOf320BytesIsTaken() throws {
        let text = String(repeating: "é", count: 160)
        #expect(try Address(text, for: .push).value == text)
    }

    @Test(arguments: [
        ("", false), ("a", true), (String(repeating: "é", count: 160), true),
        (String(repeating: "é", count: 161), false),
        ("a\u{0}b", false), ("\u{0}", false),
    ])
    func whatADatabaseCanHoldIsKnown(value: String, isStorable: Bool) {
        #expect(Address(kind: .external, value: value).isStorable == isStorable)
    }
}
