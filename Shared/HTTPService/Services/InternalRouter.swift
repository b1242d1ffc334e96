package import Hummingbird

/// The router of an internal port, with everything around the routes in its order.
///
/// `health` answers without a token, all else only to our services. Routes are added to the groups of
/// `OrgRequestContext` and `ServiceRequestContext`:
///
///     let router = makeInternalRouter(tokens: tokens, health: HealthRoutes(checks))
///     MessageRoutes(…).add(to: router.group(context: OrgRequestContext.self))
package func makeInternalRouter(tokens: ServiceTokens, health: HealthRoutes) -> Router<AppRequestContext> {
    let router = Router(context: AppRequestContext.self)
    router.add(middleware: ServiceCallerMiddleware(tokens: tokens))
    router.add(middleware: RequestTraceMiddleware())
    router.add(middleware: ProblemMiddleware())
    health.add(to: router)
    router.add(middleware: ServiceAuthenticationMiddleware())
    return router
}
