import Batching
import HTTPService
import Hummingbird
import Postgres
import Shared

/// Answers 503 to whatever could not be stored, so that the provider comes again with the webhook.
///
/// A fault of our own statements too: a provider that is told 500 may give up, one that comes again loses nothing.
struct ComeAgainMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: AppRequestContext,
        next: @concurrent (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as PostgresError {
            throw NotStored(reason: error)
        } catch let error as CoalescerFailure {
            throw NotStored(reason: error)
        }
    }
}

/// The log has the reason, the answer has not.
struct NotStored: ProblemConvertible {
    let reason: any Error

    package var problem: Problem { .unavailable }
}
