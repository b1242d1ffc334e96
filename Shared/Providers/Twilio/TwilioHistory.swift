package import AsyncHTTPClient
package import Shared

/// Lists what customers sent to an account, for the webhooks that did not reach us.
package struct TwilioHistory: Sendable {
    /// Why there is no list; the reason is for an operator.
    package struct Failure: Error, Sendable {
        package let reason: ProviderError

        package init(reason: ProviderError) {
            self.reason = reason
        }
    }

    /// As many as Twilio gives at most.
    private static let pageSize = 1000
    /// With more messages since then the account's owner is better served by its own export.
    private static let mostPages = 100
    private static let mostMedia = 10

    private let baseURL: String
    private let exchange: ProviderExchange

    package init(baseURL: String, client: HTTPClient) {
        self.baseURL = baseURL
        self.exchange = ProviderExchange(client: client)
    }

    /// The messages that came at `since` or later, the oldest first, each in the parameters of the webhook that was missed.
    ///
    /// Twilio's webhook has no time; these have the message's, as `DateCreated`.
    package func messages(
        of credentials: Credentials,
        since: Timestamp,
        before deadline: ContinuousClock.Instant
    ) async throws(Failure) -> [FormParameters] {
        do {
            let list = try TwilioList(baseURL: self.baseURL, exchange: self.exchange, credentials: credentials)
            let elements = try await list.messages(
                Self.query(credentials, since: since),
                upTo: Self.mostPages,
                before: deadline,
                isLast: { $0.last.flatMap(Self.created).map { $0 < since } ?? false }
            )
            var messages: [FormParameters] = []
            for element in elements.reversed() where element["direction"]?.string == "inbound" {
                guard let created = Self.created(element), created >= since else { continue }
                let media = try await self.media(of: element, list, before: deadline)
                messages.append(Self.webhook(element, media))
            }
            return messages
        } catch let fault as CredentialsFault {
            throw Failure(reason: fault.error)
        } catch let failure as ExchangeFailure {
            throw Failure(reason: failure.reason)
        } catch {
            throw Failure(reason: TwilioListPage.malformed.reason)
        }
    }

    private static func query(_ credentials: Credentials, since: Timestamp) -> [(String, String)] {
        let day = ("DateSent>", String((since - .seconds(86_400)).description.prefix(10)))
        let size = ("PageSize", String(Self.pageSize))
        // Without a number of its own the account has those of its messaging service: then all are looked through.
        guard credentials["messaging_service_sid"] == nil, let number = credentials["from"] else { return [day, size] }
        return [("To", number), day, size]
    }

    private static func created(_ element: JSONValue) -> Timestamp? {
        element["date_created"]?.string.flatMap(MailDate.timestamp)
    }

    /// URLs and types of a message's media; the list itself has only their number.
    private func media(
        of element: JSONValue,
        _ list: TwilioList,
        before deadline: ContinuousClock.Instant
    ) async throws -> [(url: String, type: String)] {
        guard let count = element["num_media"]?.string.flatMap({ Int($0) }), count > 0,
            let uri = element["subresource_uris"]?["media"]?.string, uri.hasPrefix("/2010-04-01/Accounts/")
        else { return [] }
        let answer = try await list.get(uri, before: deadline)
        let json = try? JSONValue(parsing: answer.body, unstorable: .replaced)
        return (json?["media_list"]?.array ?? []).prefix(Self.mostMedia).compactMap { media in
            guard let uri = media["uri"]?.string, uri.hasSuffix(".json") else { return nil }
            return ("\(self.baseURL)\(uri.dropLast(5))", media["content_type"]?.string ?? "")
        }
    }

    private static func webhook(_ element: JSONValue, _ media: [(url: String, type: String)]) -> FormParameters {
        let names = [
            ("MessageSid", "sid"), ("AccountSid", "account_sid"), ("MessagingServiceSid", "messaging_service_sid"),
            ("From", "from"), ("To", "to"), ("Body", "body"), ("DateCreated", "date_created"),
        ]
        var pairs = names.compactMap { name, member in element[member]?.string.map { (name, $0) } }
        pairs.append(("NumMedia", String(media.count)))
        for (number, media) in media.enumerated() {
            pairs += [("MediaUrl\(number)", media.url), ("MediaContentType\(number)", media.type)]
        }
        return FormParameters(pairs)
    }
}
