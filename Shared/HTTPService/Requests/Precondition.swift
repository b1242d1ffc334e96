import HTTPTypes
package import Hummingbird
package import Shared

/// The strong tag (RFC 9110, 8.8.3) of a resource as an answer shows it: a hash of its bytes.
///
/// So nothing has to be kept, and nothing that changes can be forgotten. FNV-1a of 64 bits: it tells versions of one
/// resource apart, and proves nothing.
package struct EntityTag: Sendable, Equatable {
    /// With its quotes.
    package let text: String

    package init(of resource: JSONValue) {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in resource.bytes { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        let digits = String(hash, radix: 16)
        self.text = "\"\(String(repeating: "0", count: 16 - digits.count))\(digits)\""
    }
}

/// What a request with `If-Match` demands of the resource that it changes; nothing without one.
package struct Precondition: Sendable {
    /// Longer than any list of our tags that makes sense.
    private static let mostBytes = 1000

    private enum Demand: Sendable {
        case none, any
        case oneOf([String])
    }

    private let demand: Demand

    /// Demands nothing.
    package static let none = Precondition(demand: .none)

    private init(demand: Demand) {
        self.demand = demand
    }

    /// - Throws: `Problem` `if-match-invalid` (400) for what is no list of tags.
    package init(_ request: Request) throws(Problem) {
        guard let text = request.headers[.ifMatch] else {
            self.demand = .none
            return
        }
        guard text != "*" else {
            self.demand = .any
            return
        }
        let tags = text.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimming(while: { $0 == " " })
        }
        guard text.utf8.count <= Self.mostBytes, tags.allSatisfy(Self.isTag) else {
            throw Problem(
                code: "if-match-invalid",
                status: 400,
                title: "If-Match takes the ETag of an earlier answer, or several with commas between them, or *."
            )
        }
        self.demand = .oneOf(tags)
    }

    /// Checks the resource as it is now, which the caller has locked.
    ///
    /// - Throws: `Problem` `precondition-failed` (412); a weak tag fits nothing. What reading the resource throws.
    package func check(_ resource: @autoclosure () throws -> JSONValue) throws {
        guard case .oneOf(let tags) = self.demand, !tags.contains(EntityTag(of: try resource()).text) else { return }
        throw Problem(
            code: "precondition-failed",
            status: 412,
            title: "The resource has changed since the answer whose ETag If-Match names: look at it again."
        )
    }

    /// A quoted text, behind `W/` or not.
    private static func isTag(_ text: String) -> Bool {
        let opaque = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
        return opaque.utf8.count >= 2 && opaque.hasPrefix("\"") && opaque.hasSuffix("\"")
            && !opaque.dropFirst().dropLast().contains("\"")
    }
}

extension StringProtocol {
    fileprivate func trimming(while isTrimmed: (Character) -> Bool) -> String {
        String(self.drop(while: isTrimmed).reversed().drop(while: isTrimmed).reversed())
    }
}
