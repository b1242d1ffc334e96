import Foundation
import HTTPTypes
import Hummingbird

/// Twilio's list of messages, by which a sender finds out what became of a request without an answer.
struct TwilioListRoutes: Sendable {
    /// Twilio's own page size and its maximum.
    private static let pageSize = (standard: 50, maximum: 1000)

    let ledger: Ledger
    let callbacks: Callbacks
    /// The one accepted token, or nil for any.
    let authToken: String?

    var endpoints: RouteCollection<StubRequestContext> {
        let routes = RouteCollection(context: StubRequestContext.self)
        routes.get(TwilioRoutes.path) { request, context in
            try self.list(request, accountSID: context.parameters.require("account"))
        }
        return routes
    }

    private func list(_ request: Request, accountSID: String) throws -> Response {
        do throws(TwilioFailure) {
            _ = try TwilioCredentials(headers: request.headers, accountSID: accountSID, expectedToken: self.authToken)
            let query = FormFields(decoding: (request.uri.query ?? "").utf8)
            let pageSize = min(query["PageSize"].flatMap(Int.init) ?? Self.pageSize.standard, Self.pageSize.maximum)
            let entries = self.ledger.entries(
                provider: .twilio,
                account: accountSID,
                to: query["To"],
                since: try Self.start(query),
                limit: max(pageSize, 1)
            )
            return .json(200, self.page(entries, accountSID: accountSID, pageSize: pageSize))
        } catch {
            return error.response
        }
    }

    /// The earliest time wanted: `DateSent>=2026-01-31`, or `DateSent>` (the `=` then splits name and value).
    private static func start(_ query: FormFields) throws(TwilioFailure) -> Date {
        guard let text = query["DateSent>"] ?? query["DateSent>="] else { return .distantPast }
        let day = Date.ISO8601FormatStyle().year().month().day()
        guard let date = (try? Date(text, strategy: .iso8601)) ?? (try? Date(text, strategy: day)) else {
            throw .parameter(20001, "DateSent must be YYYY-MM-DD or an ISO 8601 time, not '\(text)'.")
        }
        return date
    }

    private func page(_ entries: [LedgerEntry], accountSID: String, pageSize: Int) -> String {
        let uri = "/\(TwilioResource.apiVersion)/Accounts/\(accountSID)/Messages.json"
        let messages = entries.compactMap { self.resource($0)?.json }
        var page = JSONObject()
        page.set("messages", raw: "[" + messages.joined(separator: ",") + "]")
        page.set("start", 0)
        page.set("end", max(messages.count - 1, 0))
        page.set("page", 0)
        page.set("page_size", pageSize)
        page.set("uri", uri)
        page.set("first_page_uri", uri + "?PageSize=\(pageSize)&Page=0")
        page.set("next_page_uri", raw: "null")
        page.set("previous_page_uri", raw: "null")
        return page.finish()
    }

    /// A kept message, with the status that its last callback reports.
    private func resource(_ entry: LedgerEntry) -> TwilioResource? {
        guard let message = try? TwilioMessage(form: FormFields(json: entry.request)) else { return nil }
        return TwilioResource(
            sid: entry.providerID,
            accountSID: entry.account,
            message: message,
            status: self.status,
            created: entry.at,
            sent: entry.at
        )
    }

    private var status: String {
        let settings = self.callbacks.settings
        guard settings.isEnabled, let last = settings.statuses.last(where: { $0 != .read }) else { return "sent" }
        return last == .failed ? "undelivered" : last.rawValue
    }
}

extension FormFields {
    /// The fields of a form that was kept as JSON.
    fileprivate init(json: String) {
        self.init()
        let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        for (name, value) in object ?? [:] {
            for text in (value as? [String]) ?? [value as? String ?? ""] {
                self.append(name, text)
            }
        }
    }
}
