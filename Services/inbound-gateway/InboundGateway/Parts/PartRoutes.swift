import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import NIOCore
import Postgres
import Providers
import Shared

/// The route `/internal/webhook-parts`: files that came within webhooks, as the attachments of mails do.
struct PartRoutes: Sendable {
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/webhook-parts", use: self.get)
    }

    /// Answers the bytes of one part.
    ///
    /// - Errors: 410 `attachment-gone` when the webhook was forgotten, or has no such part.
    @Sendable private func get(_ request: Request, context: OrgRequestContext) async throws -> Response {
        let wanted = try await request.decodeInternal(WebhookPart.self)
        let store = PartStore(orgID: context.orgID)
        let found = try await self.postgres.transaction(for: [context.orgID]) { connection in
            try store.webhook(of: wanted.eventKey, accountID: wanted.accountID, on: connection)
        }
        guard let file = found?.file(wanted.name) else { throw Problem.attachmentGone }
        return Response(
            status: .ok,
            headers: HTTPFields(fileOf: file.contentType, named: file.name),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes))
        )
    }
}

extension WebhookRequest {
    /// Nil when it is no mail with such a part.
    fileprivate func file(_ name: String) -> InboundParse.File? {
        try? InboundParse.file(name, of: self.body, contentType: self.headers["content-type"])
    }
}

extension Problem {
    fileprivate static var attachmentGone: Problem {
        Problem(
            code: "attachment-gone",
            status: 410,
            title: "This attachment is no more.",
            detail: "What came with a mail is kept for 30 days."
        )
    }
}
