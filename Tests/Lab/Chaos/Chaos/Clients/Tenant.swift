import Foundation
import Installation
import ProviderStub
import Shared
import TestClient

/// An organization, its accounts, and what the provider stub knows it by.
struct Tenant: Sendable {
    let number: Int
    let api: API
    let whatsAppNumber: String

    var twilioSID: String { API.twilioSID(self.number) }
    var receiver: String { "receiver-\(self.number)" }

    /// Sets up an organization with an account of each provider that the stub plays.
    static func make(_ number: Int, in herald: Installation) async throws -> Tenant {
        let api = try await herald.newTenant()
        let tenant = Tenant(number: number, api: api, whatsAppNumber: try await api.newWhatsAppAccount())
        try await api.newTwilioAccount(number)
        try await api.newReceiver(at: "\(herald.stub.url)/receivers/\(tenant.receiver)")
        return tenant
    }

    /// Whether what the stub took for `account` was this organization's to send.
    func owns(account: String) -> Bool {
        [self.whatsAppNumber, self.twilioSID, self.receiver].contains(account)
    }
}
