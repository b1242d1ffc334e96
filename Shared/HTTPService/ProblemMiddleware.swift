import HTTPTypes
package import Hummingbird
import Logging
import NIOHTTP1
import Shared

/// Turns every error below it into a problem response, logs the ones that are our fault, and shows the request id.
///
/// Add it before all routes and all middleware that can fail: middleware only covers what is added after it.
package struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    package init() {}

    package func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            var response = try await next(request, context)
            response.headers[.requestID] = context.id
            return response
        } catch let error as HTTPParserError {
            // The connection's own guard has answered already.
            throw error
        } catch {
            let problem = Problem(error)
            if problem.status >= 500, !(error is Overload) {
                context.logger.error(
                    "request failed",
                    metadata: [
                        "method": "\(request.method)", "path": "\(request.uri.path)", "status": "\(problem.status)",
                        "error": "\(String(reflecting: error))",
                    ]
                )
            }
            var response = problem.response(requestID: context.id, allow: (error as? MethodNotAllowed)?.allow)
            // The bytes of a body would be taken for the beginning of the next answer.
            if request.method == .head { response.body = .init() }
            return response
        }
    }
}
