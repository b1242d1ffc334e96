import ProviderStub

/// `provider-stub`: speaks the sending protocols of Meta, Twilio and SendGrid on one port.
@main
struct Main {
    static func main() async {
        await ProviderStubCommand.start()
    }
}
