import HTTPTypes
import InternalAPI
import Shared

extension ForwardedRoute {
    /// A preview shows what is known of a customer, so it takes more than reading templates.
    static let templates: [Self] = [
        .messaging(.post, "/templates", .templatesWrite, .path("/internal/templates")),
        .messaging(.get, "/templates", .templatesRead, .path("/internal/templates")),
        .messaging(.post, "/templates/preview", .templatesWrite, .path("/internal/templates/preview")),
        .messaging(.get, "/templates/{id}", .templatesRead, .pathOfID { "/internal/templates/\($0)" }),
        .messaging(.patch, "/templates/{id}", .templatesWrite, .pathOfID { "/internal/templates/\($0)" }),
        .messaging(.delete, "/templates/{id}", .templatesWrite, .pathOfID { "/internal/templates/\($0)" }),
        .messaging(
            .get,
            "/templates/{id}/versions",
            .templatesRead,
            .pathOfID { "/internal/templates/\($0)/versions" }
        ),
        .messaging(
            .post,
            "/templates/{id}/preview",
            .templatesWrite,
            .pathOfID { "/internal/templates/\($0)/preview" }
        ),
    ]
}
