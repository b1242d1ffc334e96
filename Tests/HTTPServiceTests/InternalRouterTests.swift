import HTTPService
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Shared
import TestSupport
import Testing

private let secret = "0123456789abcdef0123456789abcdef"

private struct PoolIsBusy: Unavailability {
    let isTemporary: Bool
}

@Suite(.timeLimit(.minutes(5))) struct InternalRouterTests {
    private let orgID = OrgID.new()

    private func app() async throws -> (some ApplicationProtocol, String) {
        let tokens = try await ServiceTokens(secret: secret)
        let router = makeInternalRouter(tokens: tokens, health: HealthRoutes())
        router.group(context: OrgRequestContext.self)
            .get("/internal/who") { _, context in "\(context.orgID) \(context.actor) \(context.mode) \(context.service)"
            }
            .get("/internal/missing") { _, _ -> Response in throw Problem.notFound }
            .get("/internal/busy") { _, _ -> Response in throw PoolIsBusy(isTemporary: true) }
            .get("/internal/broken") { _, _ -> Response in throw PoolIsBusy(isTemporary: false) }
            .post("/internal/json") { request, _ in RawJSON(try await request.strictJSON(upTo: 20)) }
            .get("/internal/list") { request, context in
                var query = QueryParameters(request)
                let page = query.page(of: Message.self, for: context.orgID)
                let statuses = query.values("status", MessageStatus.self)
                try query.finish()
                return "\(page.limit) \(page.after.map { "\($0)" } ?? "-") \(statuses ?? [])"
            }
        router.group(context: ServiceRequestContext.self)
            .get("/internal/service") { _, context in "\(context.service)" }
        router.refuseOtherMethods()
        return (Application(router: router, logger: .quiet), try await tokens.issue(as: .apiGateway))
    }

    private func headers(_ token: String) -> HTTPFields {
        var headers: HTTPFields = [.authorization: "Bearer \(token)"]
        for (name, value) in ["Herald-Org": "\(self.orgID)", "Herald-Actor": "key:1", "Herald-Mode": "test"] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }

    private func code(_ response: TestResponse) -> String? {
        (try? JSONValue(parsing: Array(response.body.readableBytesView)))?["code"]?.string
    }

    @Test(arguments: ["/internal/who", "/internal/service", "/internal/nothing"])
    func nothingAnswersWithoutAToken(path: String) async throws {
        let (app, token) = try await self.app()
        try await app.test(.router) { client in
            for header in [nil, "Bearer x", "Basic \(token)", "Bearer \(token)x"] {
                var headers = self.headers(token)
                headers[.authorization] = header
                try await client.execute(uri: path, method: .get, headers: headers) { response in
                    #expect(response.status == .unauthorized)
                    #expect(self.code(response) == "unauthorized")
                    #expect(response.headers[.requestID] != nil)
                }
            }
        }
    }

    @Test func theOrganizationActorAndModeArrive() async throws {
        let (app, token) = try await self.app()
        try await app.test(.router) { client in
            try await client.execute(uri: "/internal/who", method: .get, headers: self.headers(token)) { response in
                #expect(String(buffer: response.body) == "\(self.orgID) key:1 test apiGateway")
            }
        }
    }

    @Test(arguments: ["Herald-Org", "Herald-Actor", "Herald-Mode"])
    func anOrganizationsRouteNeedsEveryHeader(name: String) async throws {
        let (app, token) = try await self.app()
        try await app.test(.router) { client in
            for value in [nil, ""] {
                var headers = self.headers(token)
                headers[try #require(HTTPField.Name(name))] = value
                try await client.execute(uri: "/internal/who", method: .get, headers: headers) { response in
                    #expect(response.status == .unauthorized)
                }
                try await client.execute(uri: "/internal/service", method: .get, headers: headers) { response in
                    #expect(response.status == .ok)
                }
            }
        }
    }

    @Test func theRequestIDComesFromOurServicesOnly() async throws {
        let (app, token) = try await self.app()
        try await app.test(.router) { client in
            var headers = self.headers(token)
            headers[.requestID] = "abc-1"
            try await client.execute(uri: "/internal/who", method: .get, headers: headers) { response in
                #expect(response.headers[.requestID] == "abc-1")
            }
            try await client.execute(uri: "/internal/missing", method: .get, headers: headers) { response in
                #expect(response.headers[.requestID] == "abc-1")
                #expect(String(buffer: response.body).contains(#""request_id":"abc-1""#))
            }
            headers[.requestID] = "a b"
            try await client.execute(uri: "/internal/who", method: .get, headers: headers) { response in
                #expect(response.headers[.requestID] != "a b")
            }
            headers[.authorization] = nil
            headers[.requestID] = "abc-1"
            try await client.execute(uri: "/internal/who", method: .get, headers: headers) { response in
                let id = try #require(response.headers[.requestID])
                #expect(id != "abc-1" && OrgID(id) != nil)
            }
        }
    }

    @Test func everyNotFoundIsTheSame() async throws {
        let (app, token) = try await self.app()
        try await app.test(.router) { client in
            var headers = self.headers(token)
            headers[.requestID] = "r"
            let missing = try await client.execute(uri: "/internal/missing", method: .get, headers: headers)
            let noRoute = try await client.execute(uri: "/internal/nothing", method: .get, headers: headers)
            #expect(missing.status == .notFound)
            #expect(missing.body == noRoute.body)
            #expect(missing.headers == noRoute.headers)
        }
    }

    @Test(arguments: [HTTPRequest.Method.head, .options, .trace, .delete, .put])
    func otherMethodsOfAPathAre405(method: HTTPRequest.Method) async throws {
        let (app, token) = try await self.app()
        try await app.test(.router) { client in
            try await client.execute(uri: "/internal/who", method: method, headers: self.headers(token)) { response in
                #expect(response.status == .methodNotAllowed)
                #expect(response.headers[.allow] == "GET")
            }
        }
    }

    @Test func errorsOfWhatWeNeedAre503OrSayNothing() async throws {
        let (app, token) = try await self.app()
        try await app.test(.router) { client in
            try await client.execute(uri: "/internal/busy", method: .get, headers: self.headers(token)) { response in
                #expect(response.status == .serviceUnavailable)
                #expect(response.headers[.retryAfter] == "1")
            }
            try await client.execute(uri: "/internal/broken", method: .get, headers: self.headers(token)) { response in
                #expect(response.status == .internalServerError)
                #expect(!String(buffer: response.body).contains("Pool"))
            }
        }
    }

    struct Body: Sendable {
        let text: String
        var type: String? = "application/json"
        var encoding: String?
        let status: Int
    }

    @Test(
        arguments: [
            Body(text: "{}", status: 200), Body(text: "{}", type: nil, status: 200),
            Body(text: "{}", type: "Application/JSON; charset=utf-8", status: 200),
            Body(text: "{}", type: "text/plain", status: 415), Body(text: "{}", encoding: "gzip", status: 415),
            Body(text: #"{"a":1,"a":2}"#, status: 400), Body(text: "", status: 400),
            Body(text: #"{"a":"1234567890123"}"#, status: 413), Body(text: #"{"a":"123456789012"}"#, status: 200),
        ]
    )
    func bodiesAreReadStrictly(body: Body) async throws {
        let (app, token) = try await self.app()
        try await app.test(.router) { client in
            var headers = self.headers(token)
            headers[.contentType] = body.type
            headers[.contentEncoding] = body.encoding
            try await client.execute(
                uri: "/internal/json",
                method: .post,
                headers: headers,
                body: .init(string: body.text)
            ) {
                #expect($0.status.code == body.status)
            }
        }
    }

    @Test func aPageIsAskedForStrictly() async throws {
        let (app, token) = try await self.app()
        let id = MessageID.new()
        let own = Cursor(after: id).text(for: self.orgID)
        let foreign = Cursor(after: id).text(for: .new())
        let cases = [
            ("", 200, "50 - []"), ("?limit=200", 200, "200 - []"), ("?cursor=\(own)", 200, "50 \(id) []"),
            ("?status=failed,skipped", 200, "50 - [Shared.MessageStatus.failed, Shared.MessageStatus.skipped]"),
            ("?cursor=\(foreign)", 400, nil), ("?cursor=x", 400, nil), ("?limit=0", 400, nil), ("?limit=201", 400, nil),
            ("?limit=1000000000", 400, nil), ("?limit=+1", 400, nil), ("?limit=1&limit=2", 400, nil),
            ("?x=1", 400, nil),
            ("?status=lost", 400, nil), ("?status=", 400, nil),
        ]
        try await app.test(.router) { client in
            for (query, status, text) in cases {
                let uri = "/internal/list\(query)"
                try await client.execute(uri: uri, method: .get, headers: self.headers(token)) { response in
                    #expect(response.status.code == status, "\(query)")
                    if let text { #expect(String(buffer: response.body) == text) }
                }
            }
        }
    }
}
