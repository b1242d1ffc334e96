import ArgumentParser
import Foundation
import Installation
import Testing

@testable import Load

/// What is refused before anything is started.
@Suite struct RequirementTests {
    private static let programs = [
        "api-gateway", "inbound-gateway", "customer-service", "conversation-service", "messaging-service",
        "outbound-worker", "provider-stub",
    ]

    @Test(
        arguments: [
            (2048, 64 << 30, nil), (2047, 64 << 30, "2047 MB of memory"), (4096, 2 << 30, "2048 MB are free in"),
            (nil, nil, nil),
        ] as [(Int?, Int?, String?)]
    )
    func tooLittleRoomIsSaid(memory: Int?, disk: Int?, start: String?) throws {
        try Self.withPrograms(Self.programs) { programs in
            let requirements = Requirements(
                programs: programs,
                scenarios: [.growth],
                sizes: try Sizes.parse(["--short"]),
                memoryMB: memory,
                diskBytes: disk
            )
            #expect(Self.refusal(requirements)?.hasPrefix(start ?? "none") ?? (start == nil))
        }
    }

    @Test(arguments: Self.programs)
    func aMissingProgramIsNamed(name: String) throws {
        try Self.withPrograms(Self.programs.filter { $0 != name }) { programs in
            let requirements = Requirements(programs: programs, scenarios: [], sizes: try Sizes.parse(["--short"]))
            #expect(Self.refusal(requirements)?.contains("/\(name) is missing: build it") == true)
        }
    }

    @Test(arguments: ["/nowhere", "/proc/self/exe"])
    func aFolderThatIsNoneIsRefused(path: String) {
        #expect(throws: LoadFailure.self) { try Requirements.binaries(path) }
    }

    /// These programs lie beside this one unless another folder is named.
    @Test func theProgramsLieBesideThisOne() throws {
        #expect(FileManager.default.fileExists(atPath: try Requirements.binaries(nil)))
        #expect(try Requirements.binaries("/tmp") == "/tmp")
    }

    /// Only what writes so much needs the room for it.
    @Test func historyNeedsRoom() throws {
        let (full, short) = (try Sizes.parse([]), try Sizes.parse(["--short"]))
        let sizes = [[.create, .growth], [.fair], [.create]].map { Requirements.bytes(for: $0, full) }
        #expect(sizes == sizes.sorted(by: >))
        #expect(Set(sizes).count == 3)
        #expect(Requirements.bytes(for: ScenarioName.allCases, short) < 6_000_000_000)
    }

    private static func refusal(_ requirements: Requirements) -> String? {
        do {
            try requirements.check()
            return nil
        } catch {
            return error.sentence
        }
    }

    private static func withPrograms(_ names: [String], _ body: (Programs) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "load-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in names {
            let path = folder.appending(path: name).path()
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o755])
        }
        try body(Programs(in: folder.path()))
    }
}
