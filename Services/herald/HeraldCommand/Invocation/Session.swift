import AsyncHTTPClient
import NIOCore
import Shared

/// One run of a command: its process, its settings and its connections.
struct Session: Sendable {
    /// A machine that does not answer by then is down, or behind a firewall.
    private static let connectTimeout = TimeAmount.seconds(5)

    let context: CommandContext
    let settings: APISettings
    private let http: HTTPClient

    /// Opens a session for the time of `body`.
    static func with(_ context: CommandContext, _ body: (Session) async throws -> Void) async throws {
        let settings = try APISettings(environment: context.environment, directory: context.directory)
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: self.connectTimeout)
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        // A refused connection is told at once; who calls decides whether to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            try await body(Session(context: context, settings: settings, http: http))
        } catch {
            try? await http.shutdown()
            throw error
        }
        try? await http.shutdown()
    }

    /// Calls with the organization's own key; or, where `org` names one, with the operator key on its behalf.
    func client(for org: String? = nil) throws(CommandFailure) -> APIClient {
        guard let org else {
            return APIClient(http: self.http, baseURL: self.settings.url, key: try self.settings.requiredAPIKey)
        }
        let key = try self.settings.requiredOperatorKey
        return APIClient(http: self.http, baseURL: self.settings.url, key: key, orgID: org)
    }

    /// Calls with the operator key.
    func operatorClient() throws(CommandFailure) -> APIClient {
        APIClient(http: self.http, baseURL: self.settings.url, key: try self.settings.requiredOperatorKey)
    }

    /// Calls without a key.
    func anonymousClient() -> APIClient {
        APIClient(http: self.http, baseURL: self.settings.url, key: nil)
    }
}
