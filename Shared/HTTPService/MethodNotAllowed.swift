import HTTPTypes
import Hummingbird

/// The path is a route's, the method is not.
struct MethodNotAllowed: Error {
    /// For the header `Allow`.
    let allow: String
}

extension Router {
    /// Answers 405 with `Allow`, where Hummingbird would answer 404, to methods that a path does not have.
    ///
    /// To be called when all routes are added; a second call changes nothing.
    package func refuseOtherMethods() {
        let methods: [HTTPRequest.Method] = [
            .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
        ]
        let routes = Dictionary(grouping: self.routes, by: \.path.description)
        for (_, routes) in routes {
            guard let path = routes.first?.path else { continue }
            let present = Set(routes.map(\.method))
            let allow = present.map(\.rawValue).sorted().joined(separator: ", ")
            for method in methods where !present.contains(method) {
                self.on(path, method: method) { _, _ -> Response in throw MethodNotAllowed(allow: allow) }
            }
        }
    }
}
