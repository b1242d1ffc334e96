/// What a loop sends, told apart by number.
protocol LoadRequest: Sendable {
    /// Sends the request of a number.
    ///
    /// - Throws: `LoadFailure` when there is no answer, or one that no loop could count.
    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer
}

extension LoadRequest {
    func result(_ number: Int) async -> Result<LoadAnswer, LoadFailure> {
        do throws(LoadFailure) {
            return .success(try await self(number))
        } catch {
            return .failure(error)
        }
    }
}
