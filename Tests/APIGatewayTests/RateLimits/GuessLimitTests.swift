import APIGateway
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite struct GuessLimitTests {
    private let time = TestTime()
    private let limits: GuessLimits

    init() {
        self.limits = GuessLimits(now: self.time.time.now)
    }

    private func isRefused(_ address: String, _ id: APIKeyID?) -> Bool {
        do throws(Problem) {
            try self.limits.check(address, id)
            return false
        } catch {
            return error.status == 429
        }
    }

    @Test func guessesOfOneKeyAreTwentyAndOneASecond() {
        let id = APIKeyID.new()
        var guesses = 0
        for index in 0..<10_000 {
            if index % 100 == 99 { self.time.advance(by: .milliseconds(100)) }
            guard !self.isRefused("192.0.2.1", id) else { continue }
            guesses += 1
            self.limits.noteWrong("192.0.2.1", id)
        }
        #expect(guesses == 20 + 10)
    }

    @Test func inventedIDsShareTheLimitOfTheirAddress() {
        var guesses = 0
        for _ in 0..<2000 {
            let id = APIKeyID.new()
            guard !self.isRefused("192.0.2.1", id) else { continue }
            guesses += 1
            self.limits.noteWrong("192.0.2.1", id)
        }
        #expect(guesses == 1000)
        #expect(self.isRefused("192.0.2.1", nil))
        #expect(!self.isRefused("192.0.2.2", .new()))
    }

    @Test func aKeyThatWasRightPassesBesideItsAddressesGuesses() {
        let id = APIKeyID.new()
        self.limits.noteRight(id)
        for _ in 0..<2000 { self.limits.noteWrong("192.0.2.1", nil) }
        #expect(!self.isRefused("192.0.2.1", id))
        for _ in 0..<20 { self.limits.noteWrong("192.0.2.1", id) }
        #expect(self.isRefused("192.0.2.1", id))
        #expect(!self.isRefused("192.0.2.9", id))
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("2001:db8::1", "2001:db8::"),
        ("::1", "::"), (nil, "-"),
    ])
    func anIPv6AddressCountsAsItsNetwork(address: String?, counted: String) {
        let client = ClientAddress(address.flatMap { IPAddress($0) })
        #expect(client.counted == counted)
        #expect(client.text == address ?? "-")
    }
}

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct GuessingTests {
    /// Whether the id is somebody's makes no difference to any answer.
    @Test func knownAndInventedIDsAreRefusedAlike() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let known = try #require(APIKeyID(key.id))
            var answers: [APIKeyID: [String]] = [:]
            for id in [known, APIKeyID.new()] {
                for _ in 0..<22 {
                    let guess = KeyToken.make(id, mode: .live).text
                    // No header of the caller's gives it another address.
                    let forwarded = [("X-Forwarded-For", "\(UInt8.random(in: 1...254)).0.2.1")]
                    let answer = try await gateway.call(.GET, "/api/v1/org", key: guess, forwarded)
                    answers[id, default: []].append("\(answer.status) \(answer.bodyWithoutRequestID)")
                    if answer.status == 429 { #expect(answer.headers.first(name: "retry-after") == "1") }
                }
            }
            #expect(Set(answers.values).count == 1)
            let statuses = answers[known]?.map { String($0.prefix(3)) }
            #expect(statuses == Array(repeating: "401", count: 20) + ["429", "429"])
            #expect(answers[known]?.last?.contains("too-many-attempts") == true)
            gateway.time.advance(by: .seconds(1))
            #expect(try await gateway.call(.GET, "/api/v1/org", key: key.secret).status == 200)
        }
    }
}
