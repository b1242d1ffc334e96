package import Hummingbird

/// The router of an internal port, with everything around the routes in its order.
///
/// Health and metrics answer without a token, all else only to our services. Routes are added to the groups of
/// `OrgRequestContext` and `ServiceRequestContext`:
///
///     let router = makeInternalRouter(tokens: tokens, health: HealthRoutes(checks))
///     MessageRoutes(…).add(to: router.group(context: OrgRequestContext.self))
package func makeInternalRouter(tokens: ServiceTokens, health: HealthRoutes) -> Router<AppRequestContext> {
    let router = Router(context: AppRequestContext.self)
    router.add(middleware: ServiceCallerMiddleware(tokens: tokens))
    router.add(middleware: RequestMetricsMiddleware())
    router.add(middleware: RequestTraceMiddleware(port: .internal))
    router.add(middleware: ProblemMiddleware())
    health.add(to: router)
    MetricsRoutes().add(to: router)
    router.add(middleware: ServiceAuthenticationMiddleware())
    return router
}

/// The router of an internal port that has nothing but health and metrics.
package func makeWatchedRouter(health: HealthRoutes) -> Router<AppRequestContext> {
    let router = Router(context: AppRequestContext.self)
    router.add(middleware: RequestMetricsMiddleware())
    router.add(middleware: ProblemMiddleware())
    health.add(to: router)
    MetricsRoutes().add(to: router)
    return router
}
