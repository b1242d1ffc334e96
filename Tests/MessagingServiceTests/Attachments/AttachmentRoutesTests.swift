import InternalAPI
import NIOHTTP1
import Postgres
import ProviderStub
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Files that came with messages, from the provider to who asks for them.
@Suite(.messaging, .timeLimit(.minutes(5))) struct AttachmentRoutesTests {
    @Test func aFileIsStreamedFromItsProvider() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.whatsappCloud)
        let id = try await self.receive(
            [
                .init(source: .whatsappMedia(id: "jpeg300000"), contentType: "image/jpeg", fileName: "Käse.jpg"),
                .init(source: .whatsappMedia(id: "html10"), contentType: "image/png", fileName: nil),
            ],
            to: account,
            on: .whatsapp,
            fixture
        )
        try await self.withStub { service, _ in
            let file = try await service.fetch("/internal/messages/\(id)/attachments/0", for: fixture.orgID)
            #expect(file.status == 200)
            #expect(file.bytes == (0..<300_000).map { UInt8($0 % 251) })
            #expect(file.headers.first(name: "content-type") == "image/jpeg")
            #expect(file.headers.first(name: "content-length") == "300000")
            #expect(file.headers.first(name: "content-disposition") == "attachment; filename*=UTF-8''K%C3%A4se.jpg")
            #expect(file.headers.first(name: "x-content-type-options") == "nosniff")
            let page = try await service.fetch("/internal/messages/\(id)/attachments/1", for: fixture.orgID)
            #expect(page.bytes.count == 10)
            #expect(page.headers.first(name: "content-type") == "application/octet-stream")
            #expect(page.headers.first(name: "content-disposition") == "attachment")
        }
    }

    @Test func anAccountOfTwilioHasItsOwnSecrets() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        try await self.withStub { service, stub in
            let url = "\(stub.url)/2010-04-01/Accounts/AC1/Messages/MM1/Media/pdf7"
            let id = try await self.receive(
                [.init(source: .url(url), contentType: nil, fileName: nil)],
                to: account,
                on: .sms,
                fixture
            )
            let file = try await service.fetch("/internal/messages/\(id)/attachments/0", for: fixture.orgID)
            #expect(file.bytes == [0, 1, 2, 3, 4, 5, 6])
            #expect(file.headers.first(name: "content-type") == "application/pdf")
        }
    }

    @Test func whatIsNotThereSaysSo() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.whatsappCloud)
        let gone = InboundAttachment(source: .whatsappMedia(id: "gone"), contentType: nil, fileName: nil)
        let part = InboundAttachment(source: .part(name: "attachment1"), contentType: nil, fileName: nil)
        let closed = InboundAttachment(source: .url("http://127.0.0.1:1/x"), contentType: nil, fileName: nil)
        let id = try await self.receive([gone, part, closed], to: account, on: .whatsapp, fixture)
        let text = try #require(try await fixture.receive(fixture.inbound(to: account, on: .whatsapp)).first)
        let outbound = try await fixture.send()
        try await self.withStub { service, _ in
            for (path, orgID, status, code) in [
                ("\(id)/attachments/0", fixture.orgID, 410, "attachment-gone"),
                ("\(id)/attachments/2", fixture.orgID, 502, "provider-refused"),
                ("\(id)/attachments/3", fixture.orgID, 404, "not-found"),
                ("\(id)/attachments/-1", fixture.orgID, 404, "not-found"),
                ("\(id)/attachments/x", fixture.orgID, 404, "not-found"),
                ("\(text)/attachments/0", fixture.orgID, 404, "not-found"),
                ("\(outbound)/attachments/0", fixture.orgID, 404, "not-found"),
                ("\(id)/attachments/0", .new(), 404, "not-found"),
                ("\(MessageID.new())/attachments/0", fixture.orgID, 404, "not-found"),
            ] as [(String, OrgID, Int, String)] {
                let answer = try await service.call(.GET, "/internal/messages/\(path)", for: orgID)
                #expect(answer.status == status, "\(path)")
                #expect(answer.code == code, "\(path)")
            }
            // It came within its webhook: inbound-gateway has it.
            let part = try await service.call(.GET, "/internal/messages/\(id)/attachments/1", for: fixture.orgID)
            #expect(part.status == 307)
            #expect(part.body["account_id"]?.string == "\(account)")
            #expect(part.body["name"] == "attachment1")
            #expect(part.body["event_key"]?.string?.isEmpty == false)
        }
    }

    /// Runs the service with the stub as its providers.
    private func withStub(
        _ body: @Sendable (RunningService, RunningProviderStub) async throws -> Void
    ) async throws {
        try await withProviderStub { stub in
            try await RunningService.run(settings: [
                "whatsapp.api.url": "\(stub.url)/v25.0/", "twilio.api.url": stub.url,
                "egress.allow": "127.0.0.0/8, ::1",
            ]) { service in
                try await body(service, stub)
            }
        }
    }

    private func receive(
        _ attachments: [InboundAttachment],
        to account: AccountID,
        on channel: Channel,
        _ fixture: MessagingFixture
    ) async throws -> MessageID {
        let content = InboundContent(kind: .image, attachments: attachments)
        return try #require(try await fixture.receive(fixture.inbound(content, to: account, on: channel)).first)
    }
}
