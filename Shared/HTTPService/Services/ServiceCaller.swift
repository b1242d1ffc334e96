import HTTPTypes
package import Shared

/// The service that calls, and for whom.
package struct ServiceCaller: Sendable, Equatable {
    package let service: ServiceName
    /// Nil for calls that are not made for one organization: leases, reports, batches of several.
    package let acting: Acting?

    package init(service: ServiceName, acting: Acting?) {
        self.service = service
        self.acting = acting
    }
}

extension Acting {
    /// Reads `Herald-Org`, `Herald-Actor` and `Herald-Mode`; nil when one is absent or malformed.
    ///
    /// `Herald-Region` and `Herald-Schedule-Lead` may be absent.
    ///
    /// To be called after the caller's token is verified, never before.
    init?(headers: HTTPFields) {
        guard let orgID = headers[.heraldOrg].flatMap({ OrgID($0) }),
            let actor = headers[.heraldActor], (1...200).contains(actor.utf8.count),
            let mode = headers[.heraldMode].flatMap(KeyMode.init(rawValue:))
        else { return nil }
        let region = headers[.heraldRegion].flatMap(PhoneRegion.init(rawValue:))
        let minutes = headers[.heraldScheduleLead].flatMap { Int($0) } ?? 0
        self.init(
            orgID: orgID,
            actor: actor,
            mode: mode,
            defaultRegion: region,
            scheduleLead: .seconds(60 * max(0, minutes))
        )
    }
}
