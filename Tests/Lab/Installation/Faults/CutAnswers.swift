package import ProviderStub

/// Has the providers take a share of the messages and close the connection instead of answering.
package struct CutAnswers: Sendable {
    package let stub: RunningProviderStub
    package let interval: Duration

    package init(stub: RunningProviderStub, interval: Duration) {
        self.stub = stub
        self.interval = interval
    }

    /// Lets one request of each provider go unanswered in each interval, and ends with none.
    ///
    /// Every second of Twilio's has no status callback either, so that only its list of messages tells.
    package func run(for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        var isSilent = false
        while ContinuousClock.now < end {
            self.stub.behaviours.set(
                BehaviourRule(.acceptThenCut, times: 1),
                for: BehaviourMatch(provider: .whatsapp)
            )
            self.stub.behaviours.set(
                BehaviourRule(.acceptThenCut, times: 1, statuses: isSilent ? [] : nil),
                for: BehaviourMatch(provider: .twilio)
            )
            isSilent.toggle()
            try await pause(self.interval)
        }
        self.stub.behaviours.removeAll()
    }
}
