import HTTPTypes
package import Hummingbird

/// The path is a route's, the method is not.
struct MethodNotAllowed: Error {
    /// For the header `Allow`.
    let allow: String
}

/// What becomes of methods that a path does not have.
package enum OtherMethods: Sendable {
    /// Each is answered 405: nobody but our own services calls.
    case refused
    /// As RFC 9110 wants it of a public server: `HEAD` as `GET` without its body, and `OPTIONS` with `Allow`; others 405.
    ///
    /// The router must have the option `autoGenerateHeadEndpoints`.
    case explained
}

extension Router {
    /// Answers 405 with `Allow`, where Hummingbird would answer 404, to methods that a path does not have.
    ///
    /// To be called when all routes are added; a second call changes nothing.
    package func refuseOtherMethods(_ others: OtherMethods = .refused) {
        let methods: [HTTPRequest.Method] = [
            .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
        ]
        let routes = Dictionary(grouping: self.routes, by: \.path.description)
        for (_, routes) in routes {
            guard let path = routes.first?.path else { continue }
            var present = Set(routes.map(\.method))
            switch others {
            case .refused: break
            case .explained:
                if present.contains(.get) { present.insert(.head) }
                present.insert(.options)
            }
            let allow = present.map(\.rawValue).sorted().joined(separator: ", ")
            for method in methods where !present.contains(method) {
                self.on(path, method: method) { _, _ -> Response in throw MethodNotAllowed(allow: allow) }
            }
            guard present.contains(.options), !routes.contains(where: { $0.method == .options }) else { continue }
            self.on(path, method: .options) { _, _ in Response(status: .noContent, headers: [.allow: allow]) }
        }
    }
}
