import Foundation
import HTTPTypes
import Hummingbird

/// Meta's Cloud API: sending messages, with or without the version in the path.
struct WhatsAppRoutes: Sendable {
    let acceptMessage: AcceptMessage
    let callbacks: Callbacks

    var endpoints: RouteCollection<StubRequestContext> {
        let routes = RouteCollection(context: StubRequestContext.self)
        routes.post("/:node/messages") { request, context in
            let phoneNumberID = try context.parameters.require("node")
            return try await self.send(request, phoneNumberID: phoneNumberID, context: context)
        }
        routes.post("/:node/:number/messages") { request, context in
            let version = try context.parameters.require("node")
            guard Self.isVersion(version) else {
                return self.acceptMessage.refused(MetaFailure.unknownObject(version).response)
            }
            let phoneNumberID = try context.parameters.require("number")
            return try await self.send(request, phoneNumberID: phoneNumberID, context: context)
        }
        return routes
    }

    /// Whether a path component is a version of the Graph API, such as `v25.0`.
    private static func isVersion(_ text: String) -> Bool {
        let numbers = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        return text.hasPrefix("v") && numbers.count == 2 && numbers.allSatisfy { UInt16($0) != nil }
    }

    private func send(
        _ request: Request,
        phoneNumberID: String,
        context: StubRequestContext
    ) async throws -> Response {
        guard let body = try await CollectedBody.collect(request) else {
            let failure = MetaFailure(status: 413, code: 1, message: "Request Entity Too Large")
            return self.acceptMessage.refused(failure.response)
        }
        let message: ValidMessage
        do throws(MetaFailure) {
            message = try self.validate(body, headers: request.headers, phoneNumberID: phoneNumberID)
        } catch {
            return self.acceptMessage.refused(error.response)
        }
        return try await self.acceptMessage(message, errors: MetaErrors(), channel: context.channel)
    }

    private func validate(
        _ body: ByteBuffer,
        headers: HTTPFields,
        phoneNumberID: String
    ) throws(MetaFailure) -> ValidMessage {
        guard let token = headers[.authorization], token.hasPrefix("Bearer "), token.count > "Bearer ".count,
            !RevokedToken.isIn(headers)
        else { throw .unauthorized }
        guard phoneNumberID.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw .unknownObject(phoneNumberID)
        }
        guard let text = CollectedBody.singleLine(body) else {
            throw .parameter("The request body must be a JSON object.")
        }
        let message = try Self.decode(body)
        let recipient = try message.checked()
        let id = "wamid." + RandomText.base64(bytes: 36)
        return ValidMessage(
            provider: .whatsapp,
            account: phoneNumberID,
            to: recipient.written,
            reference: message.reference,
            providerID: id,
            body: body,
            request: text,
            acceptance: .json(200, Self.acceptance(id: id, recipient: recipient)),
            reporter: WhatsAppReporter(
                callbacks: self.callbacks,
                phoneNumberID: phoneNumberID,
                recipient: recipient,
                messageID: id,
                reference: message.reference,
                category: message.template == nil ? .service : .marketing
            )
        )
    }

    private static func decode(_ body: ByteBuffer) throws(MetaFailure) -> WhatsAppMessage {
        do {
            return try JSONDecoder().decode(WhatsAppMessage.self, from: body.data)
        } catch DecodingError.typeMismatch(_, let context) {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw .parameter("Invalid parameter", details: "Param \(path) has the wrong type.")
        } catch {
            throw .parameter("The request body is not valid JSON.")
        }
    }

    private static func acceptance(id: String, recipient: Recipient) -> String {
        var contact = JSONObject()
        contact.set("input", recipient.written)
        switch recipient {
        case .phone(_, let digits): contact.set("wa_id", digits)
        case .user(let userID): contact.set("user_id", userID)
        }
        var message = JSONObject()
        message.set("id", id)
        message.set("message_status", "accepted")
        var answer = JSONObject()
        answer.set("messaging_product", "whatsapp")
        answer.set("contacts", raw: "[" + contact.finish() + "]")
        answer.set("messages", raw: "[" + message.finish() + "]")
        return answer.finish()
    }
}
