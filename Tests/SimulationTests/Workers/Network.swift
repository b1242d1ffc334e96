import Shared

/// The way to messaging-service: requests get lost, come twice and late, and so do answers.
extension World {
    /// Calls messaging-service; `heard` is called once.
    ///
    /// - Parameters:
    ///   - isCut: whether nothing gets through at the moment.
    ///   - serve: is called when a request arrives, each time it does.
    ///   - heard: gets the first answer, or that there was none.
    func call<Answer>(
        isCut: @escaping () -> Bool = { false },
        _ serve: @escaping (@escaping Service.Reply<Answer>) -> Void,
        _ heard: @escaping Service.Reply<Answer>
    ) {
        var isOver = false
        let end: Service.Reply<Answer> = { answer in
            guard !isOver else { return }
            isOver = true
            heard(answer)
        }
        let arrive = { [unowned self] in
            self.service.take(serve) { [unowned self] answer in
                guard !isCut(), !self.strikes(self.plan.rates.lostAnswer) else { return self.giveUp(end) }
                self.after(1...30) { end(answer) }
            }
        }
        guard !isCut(), !self.strikes(self.plan.rates.lostRequest) else { return self.giveUp(end) }
        if self.strikes(self.plan.rates.repeatedRequest) { self.after(1...8000, arrive) }
        self.after(self.strikes(0.02) ? 1...5000 : 1...30, arrive)
    }

    /// The connection broke, or the deadline passed.
    private func giveUp<Answer>(_ end: @escaping Service.Reply<Answer>) {
        self.after(self.random.chance(0.7) ? 1...300 : 5000...10_000) { end(.failure(.unavailable)) }
    }
}
