import HTTPTypes
import Hummingbird

/// Twilio's Account resource: one whose SID ends with `5` is suspended.
struct TwilioAccountRoutes: Sendable {
    private static let ending = ".json"

    /// The one accepted token, or nil for any.
    let authToken: String?

    var endpoints: RouteCollection<StubRequestContext> {
        let routes = RouteCollection(context: StubRequestContext.self)
        routes.get("/2010-04-01/Accounts/:account") { request, context in
            try self.account(request, named: context.parameters.require("account"))
        }
        return routes
    }

    private func account(_ request: Request, named name: String) throws -> Response {
        guard name.hasSuffix(Self.ending) else { return Response(status: .notFound) }
        let sid = String(name.dropLast(Self.ending.count))
        do throws(TwilioFailure) {
            _ = try TwilioCredentials(headers: request.headers, accountSID: sid, expectedToken: self.authToken)
        } catch {
            return error.response
        }
        var answer = JSONObject()
        answer.set("sid", sid)
        answer.set("status", sid.hasSuffix("5") ? "suspended" : "active")
        return .json(200, answer.finish())
    }
}
