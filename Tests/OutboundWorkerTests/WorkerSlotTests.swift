import Foundation
import InternalAPI
import Shared
import Testing

@testable import OutboundWorker

struct WorkerSlotTests {
    @Test func workersOfOneDirectoryTakeTheFirstFreeSlot() throws {
        try Self.withDirectory { directory in
            let first = try WorkerSlot(in: directory)
            var second: WorkerSlot? = try WorkerSlot(in: directory)
            let third = try WorkerSlot(in: directory)
            #expect([first.number, second?.number, third.number] == [1, 2, 3])
            second = nil
            let next = try WorkerSlot(in: directory)
            #expect(next.number == 2)
            #expect(next.path == "\(directory)/slot-2")
            withExtendedLifetime((first, third)) {}
        }
    }

    @Test func aWorkerTooManyIsRefused() throws {
        try Self.withDirectory { directory in
            let slots = [try WorkerSlot(in: directory, maximum: 2), try WorkerSlot(in: directory, maximum: 2)]
            let failure = #expect(throws: ConfigFailure.self) { try WorkerSlot(in: directory, maximum: 2) }
            #expect(failure?.key == "WORKER_STATE_DIR")
            withExtendedLifetime(slots) {}
        }
    }

    @Test func whatTheWorkerKeepsIsForItsUserOnly() throws {
        try Self.withDirectory { directory in
            let slot = try WorkerSlot(in: directory)
            for path in [directory, slot.path] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == 0o700)
            }
            withExtendedLifetime(slot) {}
        }
    }

    @Test func aDirectoryThatCanNotBeMadeIsNamed() {
        let failure = #expect(throws: ConfigFailure.self) { try WorkerSlot(in: "/dev/null/worker") }
        #expect(failure?.key == "WORKER_STATE_DIR")
    }

    @Test func aRestartKeepsTheNameAndRaisesTheIncarnation() throws {
        try Self.withDirectory { directory in
            // As a clock that was ahead for a while has it.
            let starts = try [1, 2_000_000_000_000_000, 3, 4, 2_000_000_000_000_009].map { (time: Int64) in
                let slot = try WorkerSlot(in: directory)
                return try MessagingAPI.WorkerIdentity(host: "host", slot: slot, startedAt: .init(microseconds: time))
            }
            #expect(starts.allSatisfy { $0.name == "host-1" })
            let incarnations = starts.map(\.incarnation)
            #expect(
                incarnations == [
                    1, 2_000_000_000_000_000, 2_000_000_000_000_001, 2_000_000_000_000_002, 2_000_000_000_000_009,
                ]
            )
        }
    }

    /// Whatever stands in the lock file, as it does before the first start.
    @Test(arguments: ["", "x", "9223372036854775807", String(repeating: "7", count: 99)])
    func whatIsNoNumberIsNoStart(content: String) throws {
        try Self.withDirectory { directory in
            let slot = try WorkerSlot(in: directory)
            try Data(content.utf8).write(to: URL(filePath: "\(slot.path)/lock"))
            let worker = try MessagingAPI.WorkerIdentity(host: "host", slot: slot, startedAt: .init(microseconds: 5))
            #expect(worker.incarnation == 5)
        }
    }

    private static func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = "\(NSTemporaryDirectory())/worker-\(UUID().uuidString)/state"
        defer { try? FileManager.default.removeItem(atPath: String(directory.dropLast("/state".count))) }
        try body(directory)
    }
}
