/// What a client is told about a failed request, as RFC 9457 `application/problem+json`.
package struct Problem: Error, Sendable, Equatable {
    /// Stable name that clients branch on.
    ///
    /// It ends the `type` URI; never reuse or reword one.
    package let code: String
    package let status: Int
    /// One sentence that is the same for every occurrence of `code`.
    package let title: String
    /// What was wrong this time, safe to show to the tenant's own users.
    package var detail: String?
    /// The invalid fields of the body.
    package var violations: [Violation]
    /// The answer's `Retry-After`; statuses 429 and 503 always have one.
    package var retryAfterSeconds: Int?

    package struct Violation: Sendable, Equatable, Codable {
        /// JSON Pointer into the request body, for example `/to/0/phone`; or `?limit` for a query parameter.
        package let pointer: String
        package let detail: String

        package init(pointer: String, detail: String) {
            self.pointer = pointer
            self.detail = detail
        }
    }

    /// - Parameters:
    ///   - code: kebab-case.
    ///   - status: 400 to 599.
    ///   - title: one sentence, always the same for `code`.
    ///   - detail: what was wrong this time.
    ///   - violations: the invalid fields.
    ///   - retryAfterSeconds: left out, 1 for 429 and 503: a second is what a pool or a replaced process needs.
    package init(
        code: String,
        status: Int,
        title: String,
        detail: String? = nil,
        violations: [Violation] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.status = status
        self.title = title
        self.detail = detail
        self.violations = violations
        self.retryAfterSeconds = retryAfterSeconds ?? (status == 429 || status == 503 ? 1 : nil)
    }

    /// What RFC 9457 calls `type`.
    ///
    /// A URN, because the host that would serve a document differs between installations.
    package var type: String { "urn:herald:problem:\(self.code)" }
}

extension Problem {
    package static let `internal` = Problem(code: "internal", status: 500, title: "Something went wrong on our side.")
    package static let unauthorized = Problem(
        code: "unauthorized",
        status: 401,
        title: "The bearer token is not valid."
    )
    /// The same for what does not exist and for what belongs to another organization.
    package static let notFound = Problem(code: "not-found", status: 404, title: "There is no such resource.")
    package static let methodNotAllowed = Problem(
        code: "method-not-allowed",
        status: 405,
        title: "This resource does not have this method."
    )
    package static let unavailable = Problem(code: "unavailable", status: 503, title: "Try again in a moment.")

    /// A service that we need does not answer.
    package static func unavailable(_ service: String) -> Problem {
        var problem = Problem.unavailable
        problem.detail = "\(service) does not answer at the moment."
        return problem
    }
}

/// A domain failure that clients may hear about.
///
/// The conformance sits beside the routes, never beside the domain type.
package protocol ProblemConvertible: Error {
    var problem: Problem { get }
}

/// An error of something that we need: a database, a pool, a queue.
///
/// A temporary one is answered with 503 and `Retry-After`, any other with 500; neither shows what it says.
package protocol Unavailability: Error {
    /// Whether the same request may succeed in a moment: no free connection, server restarting, conflict, timeout.
    var isTemporary: Bool { get }
}
