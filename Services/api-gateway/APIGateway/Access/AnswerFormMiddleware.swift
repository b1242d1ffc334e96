import HTTPTypes
import Hummingbird
import Shared

/// Leaves out of an answer what its client has, or does not want: `If-None-Match` (RFC 9110, 13.1.2) and
/// `Prefer: return=minimal` (RFC 7240).
struct AnswerFormMiddleware: RouterMiddleware {
    typealias Context = GatewayRequestContext

    func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: @concurrent (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        if Self.isKnown(request, response) {
            var headers = response.headers
            headers[.contentType] = nil
            headers[.contentLength] = nil
            return Response(status: .notModified, headers: headers)
        }
        return Self.minimal(request, response) ?? response
    }

    /// Whether the client has this answer already; a weak tag is as good here.
    private static func isKnown(_ request: Request, _ response: Response) -> Bool {
        guard request.method == .get || request.method == .head, response.status == .ok,
            let tag = response.headers[.eTag], let known = request.headers[.ifNoneMatch]
        else { return false }
        return known == "*" || known.split(separator: ",").contains { $0.replacing("W/", with: "").contains(tag) }
    }

    /// What was made without its body, and what was changed as 204; nil where the body is what the request is for.
    ///
    /// A key's secret is only in its answer, which says that nobody may keep it.
    private static func minimal(_ request: Request, _ response: Response) -> Response? {
        let isMade = response.status == .created || response.status == .accepted
        let isChanged = response.status == .ok && (request.method == .patch || request.method == .put)
        guard isChanged || (isMade && response.headers[.location] != nil), response.headers[.cacheControl] == nil,
            request.headers[values: .prefer].contains(where: Self.wantsMinimal)
        else { return nil }
        var headers = response.headers
        headers[.contentType] = nil
        headers[.contentLength] = nil
        headers[.preferenceApplied] = "return=minimal"
        return Response(status: isChanged ? .noContent : response.status, headers: headers)
    }

    private static func wantsMinimal(_ preferences: String) -> Bool {
        preferences.lowercased().split(whereSeparator: { $0 == "," || $0 == ";" || $0 == " " }).contains(
            "return=minimal"
        )
    }
}

// Literal names are valid for certain.
// swift-format-ignore: NeverForceUnwrap
extension HTTPField.Name {
    fileprivate static let prefer = Self("Prefer")!
    fileprivate static let preferenceApplied = Self("Preference-Applied")!
}
