import AsyncHTTPClient
import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import Logging
import NIOCore
import NIOHTTP1
import Shared

/// Passes a tenant's request on to the service that owns the resource, and its answer back, without decoding either.
struct ForwardRequest: Sendable {
    let clients: [ServiceName: InternalClient]
    let deadlines: ForwardDeadlines
    let askEverything: AskEverything
    let gatherCreates: GatherCreates
    /// Bodies of 20 MB that are held at once.
    let broadcasts = Permits(4)

    /// Those of one organization, whoever calls.
    var routes: [TenantRoute] {
        ForwardedRoute.all.filter { $0.everything == nil }.map(self.tenantRoute)
    }

    /// Those that the operator may call for all organizations.
    var sharedRoutes: [SharedRoute] {
        ForwardedRoute.all.compactMap { route in
            route.everything.map { path in
                SharedRoute(self.tenantRoute(route)) { request, context in
                    try await self.askEverything(path, request, context)
                }
            }
        }
    }

    private func tenantRoute(_ route: ForwardedRoute) -> TenantRoute {
        TenantRoute(route.method, route.path, route.scope) { request, context in
            try await self(request, along: route, context)
        }
    }

    /// Asks a service for something that is to be shown together with what others say.
    ///
    /// - Throws: the problem that it answers.
    func get(
        _ path: InternalPath,
        of service: ServiceName,
        query: String?,
        _ context: TenantRequestContext
    ) async throws -> InternalAnswer {
        guard let client = self.clients[service] else { throw Problem.unavailable(service.rawValue) }
        let answer = try await client.forward(
            InternalClient.ForwardedRequest(method: .GET, path: path, query: query),
            as: context.tenancy.acting,
            deadline: self.deadlines.ordinary
        )
        guard try self.checked(answer, of: service, context).status == 200 else {
            throw answer.problem ?? .unavailable(service.rawValue)
        }
        return answer
    }

    /// - Throws: `Problem` 404 for an id that is none, 413, 415, and 503 `unavailable` with the service's name.
    private func callAsFunction(
        _ request: Request,
        along route: ForwardedRoute,
        _ context: TenantRequestContext
    ) async throws -> Response {
        guard route.size == .broadcast else { return try await self.forward(request, along: route, context) }
        return try await self.broadcasts.within { try await self.forward(request, along: route, context) }
    }

    private func forward(
        _ request: Request,
        along route: ForwardedRoute,
        _ context: TenantRequestContext
    ) async throws -> Response {
        guard let client = self.clients[route.service] else { throw Problem.unavailable(route.service.rawValue) }
        let body = try await self.body(of: request, along: route)
        // The request itself was paid for when it came.
        if let body { try await context.account?.pay(route.size.requests(in: body) - 1) }
        let forwarded = InternalClient.ForwardedRequest(
            method: HTTPMethod(rawValue: route.method.rawValue),
            path: try route.target.path(in: context),
            query: request.uri.query,
            contentType: request.headers[.contentType],
            idempotencyKey: request.headers[.idempotencyKey],
            ifMatch: request.headers[.ifMatch],
            body: body
        )
        let acting = context.tenancy.acting
        let deadline = self.deadlines.deadline(of: route.size, bytes: body?.readableBytes ?? 0)
        switch route.size {
        case .ordinary, .message, .batch, .broadcast, .bulk:
            let alone = { try await client.forward(forwarded, as: acting, deadline: deadline) }
            let answer =
                route.isCreate
                ? try await self.gatherCreates(
                    forwarded,
                    as: acting,
                    authorization: context.tenancy.isOperator ? nil : request.headers[.authorization],
                    alone: alone
                ) : try await alone()
            return try self.checked(answer, of: route.service, context).response
        case .file:
            let answer = try await client.stream(forwarded, as: acting, deadline: deadline)
            guard answer.status != 200 else { return answer.response }
            let collected = try self.checked(try await answer.collected(), of: route.service, context)
            guard collected.status == 307 else { return collected.response }
            return try await self.part(collected.body, context)
        }
    }

    /// What messaging-service knows of, and inbound-gateway has: a file that came within a webhook.
    private func part(_ body: ByteBuffer, _ context: TenantRequestContext) async throws -> Response {
        let service = ServiceName.inboundGateway
        guard let client = self.clients[service] else { throw Problem.unavailable(service.rawValue) }
        let answer = try await client.stream(
            InternalClient.ForwardedRequest(
                method: .POST,
                path: "/internal/webhook-parts",
                contentType: "application/json",
                body: body
            ),
            as: context.tenancy.acting,
            deadline: self.deadlines.file
        )
        guard answer.status != 200 else { return answer.response }
        return try self.checked(try await answer.collected(), of: service, context).response
    }

    /// The coding of a body does not travel on, so only plain ones do; with GET and DELETE a body has no meaning.
    private func body(of request: Request, along route: ForwardedRoute) async throws -> ByteBuffer? {
        guard route.method != .get, route.method != .delete else { return nil }
        if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw Problem.unsupportedMediaType
        }
        return try await request.bodyBytes(upTo: route.size.bodyBytes)
    }

    private func checked(
        _ answer: InternalAnswer,
        of service: ServiceName,
        _ context: TenantRequestContext
    ) throws(Problem) -> InternalAnswer {
        // The caller's key was right: it is our own token that the service does not take.
        guard answer.status != 401 else {
            context.logger.error("service token refused", metadata: ["service": "\(service.rawValue)"])
            throw .unavailable(service.rawValue)
        }
        return answer
    }
}

extension ForwardedRoute.Target {
    /// - Throws: `Problem` 404 for an id that is none, and for a place that is no number.
    fileprivate func path(in context: TenantRequestContext) throws(Problem) -> InternalPath {
        switch self {
        case .path(let fixed): return fixed
        case .pathOfID(let make): return make(try context.id(of: ForwardedRoute.Resource.self))
        case .pathOfPlace(let make):
            let text = context.parameters.get("n") ?? ""
            guard let place = Int(text), place >= 0, String(place) == text else { throw .notFound }
            return make(try context.id(of: ForwardedRoute.Resource.self), place)
        }
    }
}

extension InternalAnswer {
    /// As it came, byte for byte.
    var response: Response {
        Response(
            status: .init(code: self.status),
            headers: HTTPFields(passing: self.headers),
            body: .init(byteBuffer: self.body)
        )
    }
}

extension StreamedAnswer {
    /// As it comes, part by part; of an answer that breaks off the client's breaks off too.
    fileprivate var response: Response {
        Response(
            status: .init(code: self.status),
            headers: HTTPFields(passing: self.headers),
            body: ResponseBody(contentLength: self.headers.first(name: "content-length").flatMap { Int($0) }) {
                writer in
                for try await part in self.body { try await writer.write(part) }
                try await writer.finish(nil)
            }
        )
    }
}

extension HTTPFields {
    fileprivate init(passing headers: HTTPHeaders) {
        self.init()
        for (name, value) in headers where name != "content-length" {
            if let name = HTTPField.Name(name) { self[name] = value }
        }
    }
}
