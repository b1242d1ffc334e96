import ArgumentParser
import Shared

/// `herald queue monitor`.
struct MonitorQueue: APICommand {
    /// Of which messages deliveries are counted: as many as the API itself takes by default.
    private static let countedPeriod: Duration = .seconds(86_400)

    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Watch the queue: its depth, what is late, how fast it empties, what is paused.",
        discussion: """
            On a terminal it draws over what it drew before, until Ctrl-C, which ends it with 0. Elsewhere, or with \
            --json, each look is one line with a JSON object: the queue as the API answers it, with at, \
            oldest_due_age_ms and rates. With --platform the queues are those of all organizations, with the workers, \
            and there are no rates.

            Rates are what happened since the look before, to messages made later than a day before the start. A look \
            that fails is said on standard error; only the first and the last one of --count end it.

            Examples:
              herald queue monitor
              herald queue monitor --interval 0.5 --platform
              herald queue monitor --count 2 --interval 60 | tail -n 1
            """
    )

    @Option(help: .init("Between two looks.", valueName: "seconds"))
    var interval = 2.0

    @Option(help: .init("End after so many looks.", valueName: "count"))
    var count: Int?

    @OptionGroup var scope: QueueScope
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0.1...86_400).contains(self.interval) else {
            throw ValidationError("--interval must be 0.1 to 86400 seconds.")
        }
        if let count, count < 1 { throw ValidationError("--count must be 1 or more.") }
    }

    func run(in session: Session) async throws {
        let client = try self.scope.client(in: session)
        session.context.endWhenLeft()
        try await self.watch(on: session.context.clock, with: client, in: session)
    }

    private func watch<C: Clock<Duration>>(on clock: C, with client: APIClient, in session: Session) async throws {
        let since = session.context.now() - Self.countedPeriod
        var watch = QueueWatch(
            client: client,
            reach: self.scope.platform ? .platform : .org(countingSince: since),
            clock: clock
        )
        var printer = MonitorPrinter(
            format: self.output.format(in: session.context),
            device: session.context.device,
            heading: "\(client.baseURL), every \(ShortTime.of(.seconds(self.interval))); Ctrl-C ends"
        )
        var looks = 0
        while true {
            looks += 1
            do {
                session.context.write(printer.text(of: try await watch.look(at: session.context.now())))
            } catch let failure as CommandFailure where failure.mayPass && looks > 1 && looks != self.count {
                session.context.warn(failure.message ?? "")
            }
            if looks == self.count { return }
            try await clock.sleep(for: .seconds(self.interval))
        }
    }
}
