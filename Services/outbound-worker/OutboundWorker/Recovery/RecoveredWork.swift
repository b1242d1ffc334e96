import ServiceLifecycle

/// Recovers, and then works: nothing is leased before messaging-service knows what the life before left.
struct RecoveredWork: Service {
    /// Which database the work is done for; nil where there is but one.
    var adopt: AdoptDatabase?
    let recovery: Recovery
    /// Nil for a worker that stays idle.
    let dispatcher: Dispatcher?

    func run() async {
        do {
            try await cancelWhenGracefulShutdown {
                try await self.adopt?.first()
                try await self.recovery()
            }
        } catch {
            // The journal is as it was: the next start recovers.
            return
        }
        guard let dispatcher else {
            try? await gracefulShutdown()
            return
        }
        await dispatcher.run()
    }
}
