package import TestClient

extension API {
    /// Whether the process on this port can work; false while there is none.
    package func isReady() async throws -> Bool {
        try Task.checkCancellation()
        return (try? await self.get("/readyz"))?.status == 200
    }
}
