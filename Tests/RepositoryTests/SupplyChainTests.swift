import Foundation
import Testing

/// What is built in, and from where.
@Suite struct SupplyChainTests {
    private struct Resolved: Decodable {
        struct Pin: Decodable {
            struct State: Decodable {
                let revision: String
                let version: String?
            }

            let identity: String
            let location: String
            let state: State
        }

        let pins: [Pin]
    }

    /// The least versions without faults that are known, each with the fault.
    private static let least = [
        // CVE-2026-28980: header blocks without a bound.
        "swift-nio": "2.100.0",
        // CVE-2023-0040: line ends in headers.
        "async-http-client": "1.13.2",
        // CVE-2023-44487: streams that are opened and reset without end.
        "swift-nio-http2": "1.28.0",
    ]
    /// Whose sources we take.
    private static let owners: Set = [
        "HdrHistogram", "apple", "hummingbird-project", "jpsim", "swift-server", "swiftlang", "vapor",
    ]

    private let pins: [Resolved.Pin]

    init() throws {
        let data = try Data(contentsOf: Sources.root.appending(path: "Package.resolved"))
        self.pins = try JSONDecoder().decode(Resolved.self, from: data).pins
    }

    @Test func everyPackageIsPinnedToARelease() {
        #expect(self.pins.count > 10)
        for pin in self.pins {
            #expect(pin.state.version.map(Self.numbers)?.count == 3, "\(pin.identity)")
            #expect(pin.state.revision.count == 40 && pin.state.revision.allSatisfy(\.isHexDigit), "\(pin.identity)")
        }
    }

    @Test func everyPackageIsOfAnOwnerWeKnow() {
        for pin in self.pins {
            let parts = pin.location.split(separator: "/", omittingEmptySubsequences: false)
            #expect(parts.starts(with: ["https:", "", "github.com"]), "\(pin.location)")
            #expect(parts.count == 5 && Self.owners.contains(String(parts[3])), "\(pin.location)")
        }
    }

    @Test(arguments: Self.least.keys.sorted())
    func aPackageIsNoOlderThanItsLastKnownFault(identity: String) throws {
        let pin = try #require(self.pins.first { $0.identity == identity })
        let (version, least) = (Self.numbers(pin.state.version ?? ""), Self.numbers(Self.least[identity] ?? ""))
        #expect(!version.lexicographicallyPrecedes(least), "\(identity) \(version) is older than \(least)")
    }

    /// A plugin runs on the machine that builds.
    @Test func noPluginIsRunByTheBuild() throws {
        let manifest = try String(contentsOf: Sources.root.appending(path: "Package.swift"), encoding: .utf8)
        for word in [".plugin(", "plugins:", "unsafeFlags", "allowNetworkConnections"] {
            #expect(!manifest.contains(word), "\(word)")
        }
    }

    private static func numbers(_ version: String) -> [Int] { version.split(separator: ".").compactMap { Int($0) } }
}
