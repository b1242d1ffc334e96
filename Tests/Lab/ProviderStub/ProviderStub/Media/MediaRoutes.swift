import Foundation
import HTTPTypes
import Hummingbird

/// Files that came with messages, as Meta and Twilio hand them out.
///
/// A file's id says what it is: `jpeg4096` is a picture of 4,096 bytes, `html10` a page of 10; any other is not there.
struct MediaRoutes: Sendable {
    /// The one accepted token of Twilio, or nil for any.
    let authToken: String?

    var endpoints: RouteCollection<StubRequestContext> {
        let routes = RouteCollection(context: StubRequestContext.self)
        routes.get("/:node/:number") { request, context in
            try self.address(request, of: context.parameters.require("number"))
        }
        routes.get("/media/:media") { request, context in
            guard request.headers[.authorization]?.hasPrefix("Bearer ") ?? false else { return Self.notFound }
            return try Self.file(context.parameters.require("media"))
        }
        routes.get("/2010-04-01/Accounts/:account/Messages/:message/Media/:media") { request, context in
            try self.redirect(request, context)
        }
        routes.get("/files/:media") { request, context in
            // Where Twilio's files lie a credential is an error.
            guard request.headers[.authorization] == nil else { return Response(status: .badRequest) }
            return try Self.file(context.parameters.require("media"))
        }
        return routes
    }

    /// Meta's answer: where the file is, which wants the same token.
    private func address(_ request: Request, of id: String) throws -> Response {
        guard request.headers[.authorization]?.hasPrefix("Bearer ") ?? false, !RevokedToken.isIn(request.headers) else {
            return MetaFailure.unauthorized.response
        }
        if id.allSatisfy({ $0.isASCII && $0.isNumber }) { return Self.number(id) }
        guard let file = MediaFileName(id) else { return MetaFailure.unknownObject(id).response }
        var answer = JSONObject()
        answer.set("messaging_product", "whatsapp")
        answer.set("url", "http://\(request.head.authority ?? "127.0.0.1")/media/\(id)")
        answer.set("mime_type", file.type)
        answer.set("file_size", file.size)
        answer.set("id", id)
        return .json(200, answer.finish())
    }

    /// Meta's answer about a phone number, which stands in the same place as a file.
    private static func number(_ id: String) -> Response {
        var answer = JSONObject()
        answer.set("id", id)
        return .json(200, answer.finish())
    }

    /// Twilio's answer: another server has the bytes.
    private func redirect(_ request: Request, _ context: StubRequestContext) throws -> Response {
        do throws(TwilioFailure) {
            _ = try TwilioCredentials(
                headers: request.headers,
                accountSID: context.parameters.get("account") ?? "",
                expectedToken: self.authToken
            )
        } catch {
            return error.response
        }
        // By another name of this host, which is another origin.
        let port = request.head.authority?.split(separator: ":").last ?? ""
        let url = "http://localhost:\(port)/files/\(try context.parameters.require("media"))"
        return Response(status: .temporaryRedirect, headers: [.location: url])
    }

    private static var notFound: Response { Response(status: .notFound) }

    /// Bytes from 0 to 250, over and over.
    private static func file(_ id: String) throws -> Response {
        guard let file = MediaFileName(id) else { return Self.notFound }
        return Response(
            status: .ok,
            headers: [.contentType: file.type],
            body: ResponseBody(contentLength: file.size) { writer in
                var sent = 0
                while sent < file.size {
                    let count = min(65_536, file.size - sent)
                    try await writer.write(ByteBuffer(bytes: (sent..<sent + count).map { UInt8($0 % 251) }))
                    sent += count
                }
                try await writer.finish(nil)
            }
        )
    }
}

/// What the id of a file says.
private struct MediaFileName {
    let type: String
    let size: Int

    init?(_ id: String) {
        let types = ["jpeg": "image/jpeg", "html": "text/html", "pdf": "application/pdf"]
        guard let (name, type) = types.first(where: { id.hasPrefix($0.key) }),
            let size = Int(id.dropFirst(name.count)), (0...1_000_000_000).contains(size)
        else { return nil }
        self.type = type
        self.size = size
    }
}
