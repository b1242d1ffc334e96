import HTTPTypes

/// The token that no provider takes, in whichever account: `revoked`.
package enum RevokedToken {
    package static let text = "revoked"

    static func isIn(_ headers: HTTPFields) -> Bool { headers[.authorization] == "Bearer \(Self.text)" }
}
