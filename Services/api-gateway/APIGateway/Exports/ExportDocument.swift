import NIOCore
import Shared

/// The document of an export, part by part, each made when it is asked for.
struct ExportDocument: Sendable {
    private enum Place {
        case beginning
        /// The next sections.
        case between(ArraySlice<ExportPages.Section>)
        /// In a list, before the sections that follow it.
        case inside(ExportWalk, isEmpty: Bool, ArraySlice<ExportPages.Section>)
        case over
    }

    private let profile: JSONValue
    private let pages: ExportPages
    private var place = Place.beginning

    /// - Parameters:
    ///   - profile: what customer-service says of the customer.
    ///   - pages: the rest.
    init(_ profile: JSONValue, _ pages: ExportPages) {
        (self.profile, self.pages) = (profile, pages)
    }

    /// Nil after the last part.
    mutating func next() async throws -> ByteBuffer? {
        switch self.place {
        case .beginning:
            self.place = .between(ExportPages.Section.allCases[...])
            return self.opening
        case .between(let sections):
            guard let section = sections.first else {
                self.place = .over
                return ByteBuffer(string: ",\"complete\":true}")
            }
            self.place = .inside(try await self.pages.walk(section), isEmpty: true, sections.dropFirst())
            return ByteBuffer(string: ",\"\(section.rawValue)\":[")
        case .inside(var walk, let isEmpty, let rest):
            while let elements = try await walk.next() {
                guard !elements.isEmpty else { continue }
                self.place = .inside(walk, isEmpty: false, rest)
                return Self.list(elements, isFirst: isEmpty)
            }
            self.place = .between(rest)
            return ByteBuffer(string: "]")
        case .over: return nil
        }
    }

    /// What follows belongs to the same object.
    private var opening: ByteBuffer {
        let first: [(String, JSONValue)] = [
            ("exported_at", .text(self.pages.exportedAt)), ("org_id", .text(self.pages.orgID)),
        ]
        let rest = (self.profile.object?.members ?? []).filter { $0.name != "address_marks" }
        return ByteBuffer(bytes: JSONValue.object(members: first + rest.map { ($0.name, $0.value) }).bytes.dropLast())
    }

    private static func list(_ elements: [JSONValue], isFirst: Bool) -> ByteBuffer {
        var bytes: [UInt8] = []
        for (index, element) in elements.enumerated() {
            if index > 0 || !isFirst { bytes.append(UInt8(ascii: ",")) }
            element.append(to: &bytes)
        }
        return ByteBuffer(bytes: bytes)
    }
}
