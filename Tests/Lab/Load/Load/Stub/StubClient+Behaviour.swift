import NIOCore

extension StubClient {
    /// Makes the stub wait before it accepts anything.
    func slowDown(milliseconds: Int) async throws(LoadFailure) {
        let body = #"{"match":{},"behaviour":{"kind":"slow","milliseconds":\#(milliseconds)}}"#
        try await self.check(self.client.put("/control/behaviours", ByteBuffer(string: body)))
    }

    /// Ends whatever the stub was told to do to messages.
    func answerAtOnce() async throws(LoadFailure) {
        try await self.check(self.client.delete("/control/behaviours"))
    }

    private func check(_ answer: LoadAnswer) throws(LoadFailure) {
        guard answer.status == 204 else {
            throw LoadFailure("The stub does not do as it is told (\(answer.status)): \(answer.explanation)")
        }
    }
}
