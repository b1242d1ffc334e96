import Testing

@testable import HeraldCommand

@Suite(.timeLimit(.minutes(5))) struct CheckAccountTests {
    @Test(
        "A script learns from the exit code what the provider said",
        arguments: [(200, "ok", 0), (200, "refused", 1), (200, "unreachable", 1), (202, "pending", 4)]
            as [(Int, String, Int32)]
    )
    func check(status: Int, word: String, code: Int32) async throws {
        let api = try FakeAPI { _ in FakeAnswer(status: status, body: #"{"status":"\#(word)"}"#) }
        let ran = await herald(["accounts", "check", "a/1"], at: api)
        #expect(ran.code == code, "\(ran.errors)")
        #expect(ran.output.contains(word))
        let request = try #require(api.requests.first)
        #expect(api.requests.count == 1)
        #expect("\(request.method) \(request.target)" == "POST /api/v1/channel-accounts/a%2F1/check")
    }
}
