import Foundation
import HTTPTypes
import Hummingbird

/// How a test or a person steers the stub and looks at what it has.
struct ControlRoutes: Sendable {
    /// Entries of the ledger shown at once: standard and most.
    private static let ledgerLimit = (standard: 100, most: 100_000)

    let behaviours: Behaviours
    let callbacks: Callbacks
    let ledger: Ledger
    let stats: StatsCounter
    let sendGridPublicKey: String

    var endpoints: RouteCollection<StubRequestContext> {
        let routes = RouteCollection(context: StubRequestContext.self)
        routes.put("/control/behaviours") { request, _ in
            try await self.change(request, as: BehaviourChange.self) { change in
                guard self.behaviours.set(change.rule, for: change.match) else {
                    throw ControlFailure("there are \(Behaviours.maximumRules) behaviours already; delete them first")
                }
            }
        }
        routes.delete("/control/behaviours") { _, _ in
            self.behaviours.removeAll()
            return Response(status: .noContent)
        }
        routes.put("/control/callbacks") { request, _ in
            try await self.change(request, as: CallbackChange.self) { change in
                self.callbacks.update { change.apply(to: &$0) }
            }
        }
        routes.put("/control/webhooks") { request, _ in
            try await self.change(request, as: WebhookChange.self) { $0.apply(to: self.callbacks) }
        }
        routes.get("/control/stats") { _, _ in
            Response.json(200, String(decoding: try JSONEncoder().encode(self.stats.current), as: UTF8.self))
        }
        routes.get("/control/sendgrid-key") { _, _ in
            var object = JSONObject()
            object.set("public_key", self.sendGridPublicKey)
            return Response.json(200, object.finish())
        }
        routes.get("/control/ledger") { request, _ in
            self.ledger(request)
        }
        return routes
    }

    /// Decodes and applies one change.
    private func change<Change: Decodable>(
        _ request: Request,
        as type: Change.Type,
        apply: (Change) throws -> Void
    ) async throws -> Response {
        guard let body = try await CollectedBody.collect(request) else {
            return Self.refusal("the body is larger than \(CollectedBody.limitBytes) bytes", status: 413)
        }
        do {
            try apply(JSONDecoder().decode(type, from: body.data))
            return Response(status: .noContent)
        } catch let failure as ControlFailure {
            return Self.refusal(failure.reason)
        } catch DecodingError.keyNotFound(let key, _) {
            return Self.refusal("the field \(key.stringValue) is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            return Self.refusal("the field \(Self.path(context)) has the wrong type")
        } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
            return Self.refusal("the field \(Self.path(context)) has no known value: \(context.debugDescription)")
        } catch {
            return Self.refusal("the body is not valid JSON")
        }
    }

    private func ledger(_ request: Request) -> Response {
        let text = request.uri.queryParameters["limit"].map(String.init) ?? String(Self.ledgerLimit.standard)
        guard let limit = Int(text), (1...Self.ledgerLimit.most).contains(limit) else {
            return Self.refusal("limit must be a number from 1 to \(Self.ledgerLimit.most)")
        }
        let entries = self.ledger.last(limit).map(\.line)
        return .json(200, "{\"entries\":[" + entries.joined(separator: ",\n") + "]}")
    }

    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }

    private static func refusal(_ reason: String, status: Int = 400) -> Response {
        var object = JSONObject()
        object.set("error", reason)
        return .json(status, object.finish())
    }
}
