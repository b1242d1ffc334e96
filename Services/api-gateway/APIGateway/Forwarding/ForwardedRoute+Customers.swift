import HTTPTypes
import InternalAPI
import Shared

extension ForwardedRoute {
    /// Those of customer-service.
    static let customers: [Self] =
        Self.profiles + Self.consents + Self.suppressions + Self.groups
        + Self.sends

    private static let profiles: [Self] = [
        .customers(.post, "/customers", .customersWrite, .path("/internal/customers")),
        .customers(.get, "/customers", .customersRead, .path("/internal/customers")),
        .customers(.post, "/customers/batch", .customersWrite, .path("/internal/customers/batch"), size: .batch),
        .customers(.get, "/customers/{id}", .customersRead, .pathOfID { "/internal/customers/\($0)" }),
        .customers(.patch, "/customers/{id}", .customersWrite, .pathOfID { "/internal/customers/\($0)" }),
        .customers(.post, "/customers/{id}/merge", .customersWrite, .pathOfID { "/internal/customers/\($0)/merge" }),
        .customers(
            .post,
            "/customers/{id}/identities",
            .customersWrite,
            .pathOfID { "/internal/customers/\($0)/identities" }
        ),
        .customers(
            .delete,
            "/customers/{id}/identities",
            .customersWrite,
            .pathOfID { "/internal/customers/\($0)/identities" }
        ),
    ]

    private static let consents: [Self] = [
        .customers(
            .put,
            "/customers/{id}/consents",
            .customersWrite,
            .pathOfID { "/internal/customers/\($0)/consents" }
        ),
        .customers(
            .get,
            "/customers/{id}/consents",
            .customersRead,
            .pathOfID { "/internal/customers/\($0)/consents" }
        ),
        .customers(
            .get,
            "/customers/{id}/consents/history",
            .customersRead,
            .pathOfID { "/internal/customers/\($0)/consents/history" }
        ),
    ]

    private static let suppressions: [Self] = [
        .customers(.post, "/suppressions", .customersWrite, .path("/internal/suppressions")),
        .customers(.get, "/suppressions", .customersRead, .path("/internal/suppressions")),
        .customers(.get, "/suppressions/{id}", .customersRead, .pathOfID { "/internal/suppressions/\($0)" }),
        .customers(.delete, "/suppressions/{id}", .customersWrite, .pathOfID { "/internal/suppressions/\($0)" }),
    ]

    /// messaging-service has the rules that the counts are compared with.
    private static let sends: [Self] = [
        .messaging(.get, "/customers/{id}/sends", .customersRead, .pathOfID { "/internal/customers/\($0)/sends" }),
        .messaging(.get, "/sends", .customersRead, .path("/internal/sends")),
    ]

    private static let groups: [Self] = [
        .customers(.post, "/groups", .customersWrite, .path("/internal/groups")),
        .customers(.get, "/groups", .customersRead, .path("/internal/groups")),
        .customers(.get, "/groups/{id}", .customersRead, .pathOfID { "/internal/groups/\($0)" }),
        .customers(.patch, "/groups/{id}", .customersWrite, .pathOfID { "/internal/groups/\($0)" }),
        .customers(.delete, "/groups/{id}", .customersWrite, .pathOfID { "/internal/groups/\($0)" }),
        .customers(.post, "/groups/{id}/members", .customersWrite, .pathOfID { "/internal/groups/\($0)/members" }),
        .customers(.get, "/groups/{id}/members", .customersRead, .pathOfID { "/internal/groups/\($0)/members" }),
        .customers(.delete, "/groups/{id}/members", .customersWrite, .pathOfID { "/internal/groups/\($0)/members" }),
    ]

    private static func customers(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ scope: Scope,
        _ target: Target,
        size: Size = .ordinary
    ) -> Self {
        Self(
            method: method,
            path: path,
            scope: scope,
            service: .customerService,
            target: target,
            size: size,
            everything: nil
        )
    }
}
