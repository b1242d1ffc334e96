import Foundation
import Shared

/// The text of cursors, opaque to clients: base64url of a version, a tag of the organization, and a place in a list.
///
/// The tag only serves to refuse a cursor that another organization was given with 400 instead of an odd page; queries
/// are bound to the organization in any case.
enum CursorText {
    static func of(_ place: [UInt8], version: UInt8, for orgID: OrgID) -> String {
        Data([version] + self.tag(of: orgID) + place).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The place of `count` bytes; nil for what is no cursor of this version, or one of another organization.
    static func place(in text: String, count: Int, version: UInt8, for orgID: OrgID) -> ArraySlice<UInt8>? {
        let size = 1 + 4 + count
        guard text.utf8.count == (size * 4 + 2) / 3, !text.contains("+"), !text.contains("/"), !text.contains("=")
        else {
            return nil
        }
        let padding = String(repeating: "=", count: (3 - size % 3) % 3)
        guard let data = Data(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding),
            data.count == size, data.first == version, Array(data[1..<5]) == self.tag(of: orgID)
        else { return nil }
        return Array(data)[5...]
    }

    /// FNV-1a (32 bits) of the organization's id: short, and no secret.
    private static func tag(of orgID: OrgID) -> [UInt8] {
        var hash: UInt32 = 2_166_136_261
        for byte in orgID.uuid.bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: hash >> UInt32($0)) }
    }
}
