package import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
package import Shared

/// Fetches files that came with messages, through the account that they came to.
///
/// - Source: Meta, "Media": `GET {base}/{media id}` answers with an address, which wants the same token. Twilio, "Media
///   resource": the address itself, with the account's credentials, redirects to where the bytes are.
package struct FetchMedia: Sendable {
    /// Of the largest file; WhatsApp's documents reach it.
    package static let mostBytes = 100 * 1024 * 1024
    /// For all until the first byte of the file.
    static let patience: Duration = .seconds(30)
    static let mostRedirects = 5

    private let whatsappURL: String
    private let twilioURL: String
    private let guardian: EgressGuard
    private let exchange: ProviderExchange
    private let mostBytes: Int

    /// - Parameters:
    ///   - config: where the providers are, and what may be reached.
    ///   - client: for the providers themselves; it follows no redirect.
    ///   - mostBytes: of a file.
    package init(config: ProvidersConfig, client: HTTPClient, mostBytes: Int = Self.mostBytes) {
        self.whatsappURL = config.whatsappURL
        self.twilioURL = config.twilioURL
        self.guardian = EgressGuard(allow: config.egressAllow)
        self.exchange = ProviderExchange(client: client)
        self.mostBytes = mostBytes
    }

    /// - Parameters:
    ///   - source: where the file is; not a part of a stored request, which no provider has.
    ///   - provider: of the account.
    ///   - credentials: of the account.
    /// - Throws: why there is no file.
    /// - Returns: the file, of which nothing has been read.
    package func callAsFunction(
        _ source: InboundAttachment.Source,
        of provider: ProviderKind,
        with credentials: Credentials
    ) async throws(MediaRefusal) -> MediaFile {
        let deadline = ContinuousClock.now + Self.patience
        switch source {
        case .whatsappMedia(let id):
            let authorization = "Bearer \(try Self.credential("access_token", of: credentials))"
            let (url, type) = try await self.whatsappAddress(of: id, authorization, before: deadline)
            return try await self.file(at: MediaAddress(url), authorization, type, before: deadline)
        case .url(let url):
            let address = try MediaAddress(url)
            let authorization = try self.authorization(for: address, of: provider, credentials)
            return try await self.file(at: address, authorization, nil, before: deadline)
        case .part:
            throw .gone
        }
    }

    private func file(
        at first: MediaAddress,
        _ authorization: String?,
        _ contentType: String?,
        before deadline: ContinuousClock.Instant
    ) async throws(MediaRefusal) -> MediaFile {
        var address = first
        for _ in 0...Self.mostRedirects {
            let connection = try await GuardedConnection(to: address, through: self.guardian)
            var request = HTTPClientRequest(url: address.text)
            // Meta's file servers answer nobody who does not say what they are.
            request.headers = ["user-agent": "Herald"]
            if let authorization, address.hasOrigin(of: first) {
                request.headers.add(name: "authorization", value: authorization)
            }
            let answer = try await connection.execute(request, before: deadline)
            let status = Int(answer.status.code)
            if (300..<400).contains(status), let location = answer.headers.first(name: "location") {
                address = try address.following(location)
                continue
            }
            guard status == 200 else { throw Self.refusal(status) }
            return try MediaFile(answer, contentType: contentType, over: connection, mostBytes: self.mostBytes)
        }
        throw .unanswered("It was redirected more than \(Self.mostRedirects) times.")
    }

    private static func refusal(_ status: Int) -> MediaRefusal {
        status == 404 || status == 410 ? .gone : .refused(status: status)
    }

    private static func credential(_ name: String, of credentials: Credentials) throws(MediaRefusal) -> String {
        do {
            return try credentials.required(name)
        } catch {
            throw .unanswered(error.detail)
        }
    }

    // MARK: - WhatsApp

    /// Where a file is for the next minutes, and of which type it is.
    private func whatsappAddress(
        of id: String,
        _ authorization: String,
        before deadline: ContinuousClock.Instant
    ) async throws(MediaRefusal) -> (url: String, type: String?) {
        guard !id.isEmpty, id.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit }) else { throw .gone }
        let answer: ProviderAnswer
        do {
            answer = try await self.exchange.get(
                "\(self.whatsappURL)/\(id)",
                headers: ["authorization": authorization],
                upTo: ProviderExchange.maximumAnswerBytes,
                before: deadline
            )
        } catch {
            throw .unanswered(error.reason.detail)
        }
        let body = try? JSONValue(parsing: answer.body)
        guard answer.status == 200 else {
            // "Object with ID … does not exist": Meta keeps a file for 30 days, and says so with 400.
            let isGone = body?["error"]?["code"]?.int == 100 && body?["error"]?["error_subcode"]?.int == 33
            throw isGone ? .gone : Self.refusal(answer.status)
        }
        guard let url = body?["url"]?.string else { throw .unanswered("The provider named no address of the file.") }
        return (url, body?["mime_type"]?.string)
    }

    // MARK: - Twilio

    /// Twilio's own servers are told the account's credentials, and nobody else.
    private func authorization(
        for address: MediaAddress,
        of provider: ProviderKind,
        _ credentials: Credentials
    ) throws(MediaRefusal) -> String? {
        guard provider == .twilio else { return nil }
        let isConfigured = (try? MediaAddress(self.twilioURL)).map { address.hasOrigin(of: $0) } ?? false
        guard isConfigured || (address.isSecure && address.host.hasSuffix(".twilio.com")) else { return nil }
        return TwilioProvider.authorization(
            try Self.credential("account_sid", of: credentials),
            try Self.credential("auth_token", of: credentials)
        )
    }
}
