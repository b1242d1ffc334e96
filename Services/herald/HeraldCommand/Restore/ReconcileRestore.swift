import ArgumentParser
import Shared

/// `herald restore reconcile`.
struct ReconcileRestore: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Let messages be sent again after the database was restored.",
        discussion: """
            Applies again the erasures that the database has forgotten, waits until each worker has told what left, and opens \
            the fence. deploy/backup keeps the file of erasures beside the backups. A worker whose journal is lost is \
            named: then whatever was due becomes uncertain, and is not sent again before there is evidence or somebody \
            decides. Ended in the middle, it is simply called again; it changes nothing twice. Needs OPERATOR_KEY.

            Examples:
              herald restore reconcile --erasures /backup/erasures.jsonl
              herald restore reconcile --no-erasures --lost-journal herald-2
            """
    )

    @Option(help: .init("Who was erased, as deploy/backup notes it; - is standard input.", valueName: "path"))
    var erasures: String?

    @Flag(help: "Nobody was erased since the restored time.")
    var noErasures = false

    @Option(
        name: .customLong("lost-journal"),
        parsing: .singleValue,
        help: .init("A worker whose journal is lost; may be repeated.", valueName: "worker")
    )
    var lostJournals: [String] = []

    @Option(help: .init("How long journals are waited for.", valueName: "seconds"))
    var wait = 30

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (self.erasures == nil) == self.noErasures else {
            throw ValidationError("Give --erasures with the file that deploy/backup keeps, or --no-erasures.")
        }
        guard (0...3600).contains(self.wait) else { throw ValidationError("--wait is 0 to 3600 seconds.") }
        guard self.lostJournals.allSatisfy({ (1...100).contains($0.utf8.count) }) else {
            throw ValidationError("--lost-journal names a worker, by 1 to 100 bytes.")
        }
    }

    func run(in session: Session) async throws {
        let client = try session.operatorClient()
        if let erasures {
            let data = try ReapplyErasures.data(at: erasures, in: session.context)
            // An empty file is one in which nobody has been noted yet.
            if !data.isEmpty { try await ReapplyErasures.parse([]).reapply(data, of: erasures, in: session) }
        }
        try await self.reconcile(client, in: session, on: session.context.clock)
    }

    private func reconcile<C: Clock<Duration>>(_ client: APIClient, in session: Session, on clock: C) async throws {
        let body: JSONValue = ["lost_journals": .array(self.lostJournals.map { .string($0) })]
        let deadline = clock.now.advanced(by: .seconds(self.wait))
        var (uncertain, paused, told) = (0, 0, "")
        while true {
            let answer: APIAnswer
            do {
                answer = try await client(.post("/api/v1/restore/reconcile", body))
            } catch CommandFailure.refused(let refusal)
                where refusal.code == "journals-missing" && clock.now < deadline
            {
                let progress = "herald: waiting for journals: \(refusal.detail ?? "")\n"
                if progress != told { session.context.warn(progress) }
                told = progress
                try await clock.sleep(for: .seconds(1))
                continue
            }
            let step = try client.json(answer)
            guard let isDone = step["done"]?.bool else { throw client.foreign(answer) }
            uncertain += step["uncertain"]?.int ?? 0
            paused += step["paused_broadcasts"]?.int ?? 0
            guard isDone else { continue }
            return self.show(step, uncertain: uncertain, paused: paused, in: session)
        }
    }

    private func show(_ step: JSONValue, uncertain: Int, paused: Int, in session: Session) {
        guard case .object(var members) = step else { return }
        // Of all calls, not of the last alone.
        members["uncertain"] = .number(JSONNumber(uncertain))
        members["paused_broadcasts"] = .number(JSONNumber(paused))
        let whole = JSONValue.object(members)
        switch self.output.format(in: session.context) {
        case .json: session.context.write(whole.text + "\n")
        case .table: session.context.write(ShowRestore.text(whole))
        }
    }
}
