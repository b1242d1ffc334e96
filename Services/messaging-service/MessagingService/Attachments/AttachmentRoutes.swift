import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import NIOCore
import NIOFoundationCompat
import Postgres
import Providers
import Secrets
import Shared

/// The route `/internal/messages/{id}/attachments/{n}`, which the api-gateway forwards.
struct AttachmentRoutes: Sendable {
    let postgres: PostgresPool
    let secrets: SecretBox
    let fetch: FetchMedia

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/messages/:id/attachments/:n", use: self.get)
    }

    /// Streams the bytes of an inbound attachment from its provider, of which nothing is kept; gives those of an outgoing one.
    ///
    /// - Returns: 307 with a `WebhookPart` for what came with its webhook: inbound-gateway has the bytes.
    /// - Errors: 404 `not-found`, 410 `attachment-gone`, 502 `provider-refused`.
    @Sendable private func get(_ request: Request, context: OrgRequestContext) async throws -> Response {
        var query = QueryParameters(request)
        try query.finish()
        let (store, id) = (AttachmentStore(orgID: context.orgID), try context.messageID)
        // No message has so many: a place beyond `smallint` is as unknown as one that is not there.
        guard let index = context.parameters.get("n").flatMap({ Int16($0) }).map(Int.init), index >= 0 else {
            throw Problem.notFound
        }
        let key = MessageKey(orgID: context.orgID, id: id)
        let (found, file) = try await self.postgres.transaction(for: [context.orgID]) { connection in
            let found = try store.find(index, of: id, secrets: self.secrets, on: connection)
            let rows = found == nil ? try connection.query(MailFileStore.files(of: key, at: index)) : []
            return (found, try rows.first.map { try MailFileStore.file(in: $0) })
        }
        if let file {
            return Response(
                status: .ok,
                headers: HTTPFields(fileOf: file.contentType, named: file.filename),
                body: .init(byteBuffer: ByteBuffer(bytes: file.content))
            )
        }
        guard let attachment = found else { throw Problem.notFound }
        if case .part(let name) = attachment.source {
            let part = WebhookPart(
                accountID: attachment.accountID,
                eventKey: attachment.providerMessageID,
                name: name
            )
            return try JSONResponse(.temporaryRedirect, part).response(from: request, context: context)
        }
        do throws(MediaRefusal) {
            let file = try await self.fetch(attachment.source, of: attachment.provider, with: attachment.credentials)
            return Self.response(file, of: attachment)
        } catch {
            throw error.problem
        }
    }

    private static func response(_ file: MediaFile, of attachment: StoredAttachment) -> Response {
        Response(
            status: .ok,
            headers: HTTPFields(fileOf: file.contentType ?? attachment.contentType, named: attachment.fileName),
            body: ResponseBody(contentLength: file.length) { writer in
                for try await part in file { try await writer.write(part) }
                try await writer.finish(nil)
            }
        )
    }
}

extension MediaRefusal {
    fileprivate var problem: Problem {
        switch self {
        case .gone:
            Problem(code: "attachment-gone", status: 410, title: "The provider has this attachment no more.")
        case .refused(let status):
            .providerRefused("It answered with status \(status).")
        case .unanswered(let reason), .notAllowed(let reason):
            .providerRefused(reason)
        case .tooLarge(let bytes):
            .providerRefused("It has more than \(bytes / 1024 / 1024) MB.")
        }
    }
}

extension Problem {
    fileprivate static func providerRefused(_ detail: String) -> Problem {
        Problem(
            code: "provider-refused",
            status: 502,
            title: "The provider does not give this attachment.",
            detail: detail
        )
    }
}
