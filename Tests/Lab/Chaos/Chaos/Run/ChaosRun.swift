import Foundation
import Installation
import Synchronization
import TestClient

/// One run: an installation, its clients, the faults, and the reckoning.
struct ChaosRun: Sendable {
    /// What ended a run that had begun: neither it nor its faults came to their end.
    private struct Broken: Error {
        let cause: any Error
    }

    let settings: ChaosSettings

    /// - Returns: whether everything held.
    func callAsFunction() async throws -> Bool {
        print("chaos: seed \(self.settings.seed), \(Int(self.settings.duration / .seconds(1))) s,", terminator: " ")
        print("programs in \(self.settings.programs.folder.path())")
        fflush(nil)
        let disk = await FullDisk.mount()
        do {
            let holds = try await self.run(on: disk)
            await disk?.unmount()
            return holds
        } catch let broken as Broken {
            await disk?.unmount()
            print("NOT everything held: the run broke off: \(broken.cause)")
            print("chaos: the same faults again: \(self.settings.command)")
            return false
        } catch {
            await disk?.unmount()
            throw error
        }
    }

    private func run(on disk: FullDisk?) async throws -> Bool {
        // Small logs: they lie on the small disk.
        var postgres = PostgresPlan.durable.with(["max_wal_size=192MB", "min_wal_size=80MB"])
        postgres.folder = disk?.folder
        let network = FaultyNetwork()
        let folder = FileManager.default.temporaryDirectory.appending(path: "herald-chaos-\(UUID())").path()
        let report = try await withPrivatePostgres(postgres, migratedBy: self.settings.programs) { server, databases in
            var urls: [String: String] = [:]
            for (role, url) in databases {
                let port = try await network.route(Way(from: role, to: "postgres"), to: server.port)
                urls[role] = url.replacing("port=\(server.port)", with: "port=\(port)")
            }
            var plan = InstallationPlan(
                workers: ChaosSettings.workers,
                uncertainHold: self.settings.uncertainHold
            )
            plan.programs = self.settings.programs
            plan.folder = folder
            plan.route = { try await network.route($0, to: $1) }
            return try await withRunningInstallation(plan, databases: urls) { herald in
                let stage = Stage(
                    settings: self.settings,
                    herald: herald,
                    network: network,
                    server: server,
                    disk: disk,
                    postgres: PostgresFaults(server: server, seed: self.settings.seed)
                )
                do {
                    return try await stage.play()
                } catch {
                    try Task.checkCancellation()
                    throw Broken(cause: error)
                }
            }
        }
        await network.close()
        print(report.text)
        if report.holds {
            try? FileManager.default.removeItem(atPath: folder)
        } else {
            print("chaos: the logs are in \(folder); the same faults again: \(self.settings.command)")
        }
        return report.holds
    }
}
