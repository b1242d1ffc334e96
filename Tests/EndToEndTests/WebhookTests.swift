import Crypto
import Foundation
import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

@Suite struct WebhookTests {
    @Test(.timeLimit(.minutes(5))) func aWrongSignatureIsRefusedAndChangesNothing() async throws {
        try await withPlatform { platform in
            platform.stub.callbacks.update { $0.isEnabled = false }
            let tenant = try await platform.newTenant()
            let account = try await tenant.newWhatsAppAccount()
            let id = try await tenant.sendMessage(["to": "+14155550100", "channel": "whatsapp", "body": "x"])
            try await eventually { try await tenant.status(of: id) == "sent" }

            let body = Self.status("delivered", reference: "\(id).1", number: account.number)
            for signature in [nil, "sha256=00", Self.sign(body, secret: "another"), Self.sign(body + [0x20])] {
                let answer = try await self.post(body, signature: signature, to: platform)
                #expect(answer.status == 401)
            }
            #expect(try await tenant.status(of: id) == "sent")

            let answer = try await self.post(body, signature: Self.sign(body), to: platform)
            #expect(answer.status == 200)
            #expect(try await tenant.status(of: id) == "delivered")
        }
    }

    private func post(_ body: [UInt8], signature: String?, to platform: Platform) async throws -> API.Answer {
        try await API(url: platform.inboundURL, key: nil).send(
            .POST,
            "/webhooks/whatsapp",
            body,
            signature.map { ["content-type": "application/json", "x-hub-signature-256": $0] }
                ?? ["content-type": "application/json"]
        )
    }

    private static func sign(_ body: [UInt8], secret: String = Platform.whatsAppSecret) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Data(secret.utf8)))
        return "sha256=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func status(_ status: String, reference: String, number: String) -> [UInt8] {
        let value: JSONValue = [
            "object": "whatsapp_business_account",
            "entry": [
                [
                    "id": "1",
                    "changes": [
                        [
                            "field": "messages",
                            "value": [
                                "messaging_product": "whatsapp",
                                "metadata": [
                                    "display_phone_number": "15550001111", "phone_number_id": .string(number),
                                ],
                                "statuses": [
                                    [
                                        "id": "wamid.test", "status": .string(status), "timestamp": "1767225600",
                                        "recipient_id": "14155550100",
                                        "biz_opaque_callback_data": .string(reference),
                                    ]
                                ],
                            ],
                        ]
                    ],
                ]
            ],
        ]
        return value.bytes
    }
}
