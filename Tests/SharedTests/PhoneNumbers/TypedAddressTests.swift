import PhoneNumbers
import Shared
import Testing

/// Addresses as they come in from callers, on every channel.
struct TypedAddressTests {
    private static let germany = PhoneRegion(rawValue: "DE")

    @Test(
        arguments: [
            (.sms, "0171 1234567", .init(kind: .phone, value: "+491711234567")),
            (.whatsapp, "0171 1234567", .init(kind: .phone, value: "+491711234567")),
            (.sandbox, "0171 1234567", .init(kind: .phone, value: "+491711234567")),
            (.sandbox, "+15550000001", .init(kind: .phone, value: "+15550000001")),
            (.sandbox, "rejected@sandbox.test", .init(kind: .email, value: "rejected@sandbox.test")),
            (.whatsapp, "US.13491208655302741918", .init(kind: .whatsapp, value: "US.13491208655302741918")),
            (.email, "Ann@EXAMPLE.com", .init(kind: .email, value: "Ann@example.com")),
            (.push, "token-1", .init(kind: .push, value: "token-1")),
            (.inapp, "0171", .init(kind: .external, value: "0171")),
            (.webhook, "0171", .init(kind: .external, value: "0171")),
        ] as [(Channel, String, Address)]
    )
    func eachChannelReadsItsOwn(channel: Channel, text: String, address: Address) throws {
        #expect(try Address(typed: text, for: channel, in: Self.germany) == address)
        // What was read is canonical.
        #expect(try Address(address.value, for: channel) == address)
    }

    @Test(arguments: [Channel.sms, .whatsapp, .sandbox])
    func aLongOrEmptyTextIsRefused(channel: Channel) {
        for text in ["", String(repeating: "1", count: 321)] {
            let failure = #expect(throws: AddressFailure.self) {
                try Address(typed: text, for: channel, in: Self.germany)
            }
            #expect(failure?.reason == "must have 1 to 320 bytes")
        }
    }

    @Test(arguments: [Channel.sms, .whatsapp])
    func anEmailAddressIsNoNumber(channel: Channel) {
        #expect(throws: AddressFailure.self) {
            try Address(typed: "ann@example.com", for: channel, in: Self.germany)
        }
    }
}
