import Foundation
package import Shared

/// Where a list goes on: after the row with this id.
///
/// Opaque to clients: base64url of a version, a tag of the organization, and the id. The tag only serves to refuse a
/// cursor that another organization was given with 400 instead of an odd page; queries are bound to the organization
/// in any case.
package struct Cursor<Entity>: Sendable, Hashable {
    package let id: ID<Entity>

    package init(after id: ID<Entity>) {
        self.id = id
    }

    package func text(for orgID: OrgID) -> String {
        let bytes = [Self.version] + Self.tag(of: orgID) + Self.bytes(of: self.id.uuid)
        return Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil for what is no cursor, or one of another organization.
    package init?(_ text: String, for orgID: OrgID) {
        // 1 + 4 + 16 bytes are 28 characters, without padding.
        guard text.utf8.count == 28, !text.contains("+"), !text.contains("/"),
            let data = Data(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/")),
            data.count == 21, data.first == Self.version, Array(data[1..<5]) == Self.tag(of: orgID)
        else { return nil }
        let hex = data[5...].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        var dashed = ""
        for (index, character) in hex.enumerated() {
            if [8, 12, 16, 20].contains(index) { dashed.append("-") }
            dashed.append(character)
        }
        guard let id = ID<Entity>(dashed) else { return nil }
        self.id = id
    }

    private static var version: UInt8 { 1 }

    /// FNV-1a (32 bits) of the organization's id: short, and no secret.
    private static func tag(of orgID: OrgID) -> [UInt8] {
        var hash: UInt32 = 2_166_136_261
        for byte in Self.bytes(of: orgID.uuid) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: hash >> UInt32($0)) }
    }

    private static func bytes(of uuid: UUID) -> [UInt8] {
        let u = uuid.uuid
        return [
            u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15,
        ]
    }
}
