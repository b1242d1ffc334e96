import NIOCore
import NIOFoundationCompat
import NIOHTTP1
package import Shared

/// The client of a service for what api-gateway knows of organizations, and the type both sides compile against.
///
/// Messaging-service and conversation-service have the route.
package struct OrgSettingsAPI: Sendable {
    private let client: InternalClient

    package init(client: InternalClient) {
        self.client = client
    }

    /// Tells the state of organizations: `PUT /internal/org-settings`.
    ///
    /// Repeating it changes nothing, and of two states of an organization the one with the greater version stays, in
    /// whichever order they come. The answer is `MessagingAPI.Accepted`, and says nothing.
    package func put(
        _ orgs: [OrgSettingsRequest.Org],
        deadline: Duration = InternalClient.ordinaryDeadline
    ) async throws {
        var call = InternalCall(method: .PUT, path: "/internal/org-settings", query: nil, repeatable: true)
        call.body = ByteBuffer(data: try InternalJSON.encode(OrgSettingsRequest(orgs: orgs)))
        call.headers.add(name: "content-type", value: "application/json")
        let answer = try await self.client.perform(call, as: nil, deadline: deadline)
        guard (200..<300).contains(answer.status) else {
            throw answer.problem ?? .unavailable(self.client.service.rawValue)
        }
    }
}

/// The body of `PUT /internal/org-settings`.
package struct OrgSettingsRequest: Codable, Sendable {
    /// Organizations in one call: with 16 KB of settings each, a third of the longest body.
    package static let mostOrgs = 200

    /// At most `mostOrgs`.
    package let orgs: [Org]

    package init(orgs: [Org]) {
        self.orgs = orgs
    }

    /// What a service is to know of one organization.
    package struct Org: Codable, Sendable, Equatable {
        package let orgID: OrgID
        /// Greater with each change, from 1.
        package let version: Int
        /// Fixed when the organization was made: everything it sends goes to the sandbox.
        package let isSandbox: Bool
        /// By an operator, so that it may send SMS.
        package let isSMSVerified: Bool
        /// All of them; `OrgSettings(stored:)` reads those that the services know.
        package let settings: JSONObject

        package init(
            orgID: OrgID,
            version: Int,
            isSandbox: Bool,
            isSMSVerified: Bool = false,
            settings: JSONObject
        ) {
            self.orgID = orgID
            self.version = version
            self.isSandbox = isSandbox
            self.isSMSVerified = isSMSVerified
            self.settings = settings
        }

        private enum CodingKeys: String, CodingKey {
            case orgID = "org_id"
            case version
            case isSandbox = "sandbox"
            case isSMSVerified = "sms_verified"
            case settings
        }
    }
}
