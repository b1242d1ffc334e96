import Foundation
import Installation
import ProviderStub
import TestClient

/// Does one fault, and undoes it when its time is over.
struct InjectFault: Sendable {
    let herald: Installation
    let network: FaultyNetwork
    let postgres: PostgresFaults
    let disk: FullDisk?
    let record: FaultRecord

    /// Returns when the fault is over; what it needs to come back from it is not waited for.
    func callAsFunction(_ fault: Fault) async throws {
        self.record.did(fault.kind)
        switch fault {
        case .kill(let name): await self.herald.processes.kill(name)
        case .restart(let name): _ = await self.herald.processes.restart(name)
        case .stop(let name, let length): try await self.stop(name, length)
        case .postgres(let fault): try await self.postgres(fault)
        case .network(let way, let fault, let length):
            self.network.set(fault, on: way)
            try await pause(length)
            self.network.set(nil, on: way)
        case .provider(let fault, let length): try await self.play(fault, length)
        case .callbacks(let mode): self.herald.stub.callbacks.play(mode)
        case .clock(let name, let seconds):
            _ = await self.herald.processes.relive(name, with: ["CLOCK_OFFSET": "\(seconds)"])
        case .fullDisk(let length): try await self.fillDisk(length)
        }
    }

    private func stop(_ name: String, _ length: Duration) async throws {
        guard let pid = await self.herald.processes.pids[name] else { return }
        await self.herald.processes.signal(name, SIGSTOP)
        try await pause(length)
        // Killed meanwhile, it has a successor that never was stopped.
        guard await self.herald.processes.pids[name] == pid else { return }
        await self.herald.processes.signal(name, SIGCONT)
    }

    private func fillDisk(_ length: Duration) async throws {
        guard let disk else { return }
        try await disk.fill()
        try await pause(length)
        disk.free()
        try await self.postgres.comeBack()
    }

    private func play(_ fault: ProviderFault, _ length: Duration) async throws {
        let behaviours = self.herald.stub.behaviours
        switch fault {
        case .down: behaviours.set(BehaviourRule(.cut))
        case .serverErrors: behaviours.set(BehaviourRule(.serverError(status: 503)))
        case .throttled: behaviours.set(BehaviourRule(.throttle(retryAfter: 1)))
        case .slow(let delay): behaviours.set(BehaviourRule(.slow(delay)))
        case .acceptsAndCuts(let times): self.set(.acceptThenCut, times)
        case .garbage(let times): self.set(.garbage, times)
        case .acceptsAsTheWorkerDies(let name):
            behaviours.set(BehaviourRule(.slow(.seconds(1))))
            try await pause(.milliseconds(700))
            behaviours.removeAll()
            return await self.herald.processes.kill(name)
        }
        try await pause(length)
        behaviours.removeAll()
    }

    /// For each provider that tells afterwards what it took.
    private func set(_ behaviour: Behaviour, _ times: Int) {
        for provider in [StubProvider.whatsapp, .twilio] {
            self.herald.stub.behaviours.set(
                BehaviourRule(behaviour, times: times),
                for: BehaviourMatch(provider: provider)
            )
        }
    }
}

extension Callbacks {
    func play(_ mode: CallbackMode) {
        self.update { settings in
            settings.delay = .zero
            switch mode {
            case .early: settings.statuses = [.sent, .delivered, .read]
            case .late:
                settings.statuses = [.sent, .delivered, .read]
                settings.delay = .milliseconds(1500)
            case .repeated: settings.statuses = [.sent, .sent, .delivered, .read, .delivered, .read]
            case .backwards: settings.statuses = [.read, .delivered, .sent]
            }
        }
    }
}
