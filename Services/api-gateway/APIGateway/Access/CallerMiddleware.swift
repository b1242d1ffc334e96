import Foundation
import HTTPService
import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Finds out whose key a request carries, and refuses every other request with one and the same 401.
struct CallerMiddleware: RouterMiddleware {
    typealias Context = GatewayRequestContext

    let operatorKey: OperatorKey
    let verifyKey: VerifyKey
    let uses: KeyUses
    let guesses: GuessLimits
    let time: GatewayTime

    func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: @concurrent (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        guard !Self.showsKey(request.uri.query), let token = request.bearerToken else { throw Problem.unauthorized }
        var context = context
        if self.operatorKey.matches(token) {
            context.caller = .operatorKey
        } else {
            let key = try await self.verify(token, from: context.client.counted, context.logger)
            self.uses.note(key, at: self.time.now())
            context.caller = .tenant(key)
        }
        return try await next(request, context)
    }

    private func verify(_ text: String, from address: String, _ logger: Logger) async throws -> KeyRecord {
        let id = KeyToken(text)?.id
        try self.guesses.check(address, id)
        do {
            let key = try await self.verifyKey(text)
            self.guesses.noteRight(key.id)
            return key
        } catch let problem as Problem where problem == .unauthorized {
            self.guesses.noteWrong(address, id)
            logger.info("key refused", metadata: ["key.id": "\(id.map { "\($0)" } ?? "-")"])
            throw problem
        }
    }

    /// A key in a URL ends up in logs and histories: even beside a right header it is refused, so that nobody gets used to it.
    private static func showsKey(_ query: String?) -> Bool {
        guard let query, let plain = query.removingPercentEncoding else { return false }
        return plain.contains("hk_live_") || plain.contains("hk_test_")
    }
}
