import HTTPService
import HTTPTypes
import Hummingbird
import Shared

/// Holds the keys of organizations to their limits, whatever the route, and shows on every answer how much is left.
///
/// It stands behind `CallerMiddleware`, which says whose key it is: nothing else in a request counts, so that nothing in it
/// can be changed to get another bucket. The operator is not limited.
struct RateLimitMiddleware: RouterMiddleware {
    typealias Context = GatewayRequestContext

    let shares: BucketShares
    /// Of organizations that have none of their own.
    let ordinary: RateLimit

    func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: @concurrent (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        guard case .tenant(let key) = context.caller else { return try await next(request, context) }
        var context = context
        let account = RateAccount(key, shares: self.shares, ordinary: self.ordinary)
        context.account = account
        var response: Response
        do {
            try await account.pay(1)
            // Problems are answers from here on: the middleware behind this one has made them so.
            response = try await next(request, context)
        } catch let problem as Problem {
            response = problem.response(requestID: context.id)
        }
        let (policy, limit) = account.headers
        response.headers[.rateLimitPolicy] = policy
        response.headers[.rateLimit] = limit
        return response
    }
}

// Literal names are valid for certain.
// swift-format-ignore: NeverForceUnwrap
extension HTTPField.Name {
    fileprivate static let rateLimit = Self("RateLimit")!
    fileprivate static let rateLimitPolicy = Self("RateLimit-Policy")!
}
