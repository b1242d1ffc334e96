import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// SendGrid's v3 mail/send, and what a key may do.
struct SendGridRoutes: Sendable {
    let acceptMessage: AcceptMessage
    let callbacks: Callbacks
    let key: P256.Signing.PrivateKey

    var endpoints: RouteCollection<StubRequestContext> {
        let routes = RouteCollection(context: StubRequestContext.self)
        routes.post("/v3/mail/send") { request, context in
            try await self.send(request, context: context)
        }
        routes.get("/v3/scopes") { request, _ in
            self.scopes(request.headers)
        }
        return routes
    }

    /// What a key may do: one called `read` (`SG.read.secret`) may not send.
    private func scopes(_ headers: HTTPFields) -> Response {
        guard let token = headers[.authorization], token.hasPrefix("Bearer "), !RevokedToken.isIn(headers) else {
            return SendGridFailure.unauthorized.response
        }
        let scopes = token.hasPrefix("Bearer SG.read.") ? #"["stats.read"]"# : #"["mail.send","stats.read"]"#
        var answer = JSONObject()
        answer.set("scopes", raw: scopes)
        return .json(200, answer.finish())
    }

    private func send(_ request: Request, context: StubRequestContext) async throws -> Response {
        guard let body = try await CollectedBody.collect(request, upTo: CollectedBody.mailBytes) else {
            return self.acceptMessage.refused(SendGridFailure(status: 413, message: "payload too large").response)
        }
        let message: ValidMessage
        do throws(SendGridFailure) {
            message = try self.validate(body, headers: request.headers)
        } catch {
            return self.acceptMessage.refused(error.response)
        }
        return try await self.acceptMessage(message, errors: SendGridErrors(), channel: context.channel)
    }

    private func validate(_ body: ByteBuffer, headers: HTTPFields) throws(SendGridFailure) -> ValidMessage {
        guard let token = headers[.authorization], token.hasPrefix("Bearer "), token.count > "Bearer ".count,
            !RevokedToken.isIn(headers)
        else { throw .unauthorized }
        guard let text = CollectedBody.singleLine(body) else {
            throw SendGridFailure(status: 400, message: "Bad Request: the body must be a JSON object")
        }
        let mail = try Self.decode(body)
        let recipients = try mail.checked()
        let account = Self.account(ofKey: String(token.dropFirst("Bearer ".count)))
        let id = RandomText.hex(bytes: 11)
        return ValidMessage(
            provider: .sendgrid,
            account: account,
            to: recipients.joined(separator: ","),
            reference: mail.allCustomArgs["attempt_id"],
            providerID: id,
            body: body,
            request: text,
            acceptance: Self.acceptance(id: id),
            reporter: SendGridReporter(
                callbacks: self.callbacks,
                key: self.key,
                account: account,
                messageID: id,
                recipients: recipients,
                customArgs: mail.allCustomArgs
            )
        )
    }

    private static func decode(_ body: ByteBuffer) throws(SendGridFailure) -> SendGridMail {
        do {
            return try JSONDecoder().decode(SendGridMail.self, from: body.data)
        } catch DecodingError.typeMismatch(_, let context) {
            let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
            throw .field(path.joined(separator: "."), "Invalid type.")
        } catch {
            throw SendGridFailure(status: 400, message: "Bad Request: the body is not valid JSON")
        }
    }

    /// What names the key.
    ///
    /// The middle of `SG.id.secret`, or a part of its hash: the ledger holds no secret.
    private static func account(ofKey key: String) -> String {
        let parts = key.split(separator: ".")
        guard parts.count == 3, parts[0] == "SG" else {
            return SHA256.hash(data: Data(key.utf8)).prefix(6).hexadecimal
        }
        return String(parts[1])
    }

    private static func acceptance(id: String) -> Response {
        var response = Response(status: .accepted)
        if let name = HTTPField.Name("X-Message-Id") {
            response.headers[name] = id
        }
        return response
    }
}
