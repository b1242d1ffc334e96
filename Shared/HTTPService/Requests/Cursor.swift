import Foundation
package import Shared

/// Where a list by id goes on: after the row with this id.
package struct Cursor<Entity>: Sendable, Hashable {
    package let id: ID<Entity>

    package init(after id: ID<Entity>) {
        self.id = id
    }

    package func text(for orgID: OrgID) -> String {
        CursorText.of(self.id.uuid.bytes, version: Self.version, for: orgID)
    }

    /// Nil for what is no cursor, or one of another organization.
    package init?(_ text: String, for orgID: OrgID) {
        guard let place = CursorText.place(in: text, count: 16, version: Self.version, for: orgID),
            let uuid = UUID(bytes: place)
        else { return nil }
        self.id = ID(uuid)
    }

    private static var version: UInt8 { 1 }
}
