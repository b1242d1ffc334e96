import APIGateway
import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import Logging
import NIOCore
import NIOHTTP1
import Shared
import Synchronization
import TestSupport
import Testing

/// Creates that come while others are under way go on together, and nobody can tell.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct GatheredCreateTests {
    /// Calls that the gateway makes for one create each, before it gathers.
    private static let alone = 4
    private static let waiting = 40

    /// Answers each create, whichever way it comes, with its own text, and what comes alone only once the door is open.
    private static func answer(behind door: Door) -> StubService.Handler {
        { call in
            guard call.target == "/internal/messages/gathered" else {
                await door.pass()
                return StubService.json(.accepted, call.body)
            }
            let answers = try Gathering.creates(in: call.bytes).map { create -> InternalAnswer in
                guard create.idempotencyKey != "bad" else {
                    return InternalAnswer(
                        status: 422,
                        headers: ["content-type": "application/problem+json", "retry-after": "7"],
                        body: ByteBuffer(string: "{}")
                    )
                }
                return InternalAnswer(
                    status: 202,
                    headers: ["content-type": "application/json", "idempotency-replayed": "true"],
                    body: create.body
                )
            }
            return Response(status: .ok, body: .init(byteBuffer: Gathering.bytes(of: answers)))
        }
    }

    /// Runs a gateway before which nobody is left standing, whatever becomes of the test.
    private static func run(
        logger: Logger = .quiet,
        _ body: @Sendable (Gateway, Door) async throws -> Void
    ) async throws {
        try await Gateway.run(waitingCreates: Self.waiting, logger: logger) { gateway in
            let door = Door()
            do {
                try await body(gateway, door)
            } catch {
                await door.open()
                throw error
            }
        }
    }

    /// Posts, so that the first four are under way when the others come; the answers come in their order.
    private static func post(
        _ gateway: Gateway,
        _ creates: [(text: String, key: String, idempotencyKey: String?)],
        opening door: Door
    ) async throws -> [Gateway.Answer] {
        try await withThrowingTaskGroup(of: (Int, Gateway.Answer).self) { tasks in
            for (place, create) in creates.enumerated() {
                if place == Self.alone { try await eventually { gateway.messaging.calls.count == Self.alone } }
                tasks.addTask {
                    let headers = create.idempotencyKey.map { [("idempotency-key", $0)] } ?? []
                    return (
                        place,
                        try await gateway.call(.POST, "/api/v1/messages", key: create.key, headers, body: create.text)
                    )
                }
            }
            try await eventually { gateway.waitingCreates() == creates.count - Self.alone }
            await door.open()
            return try await tasks.reduce(into: [Gateway.Answer?](repeating: nil, count: creates.count)) {
                $0[$1.0] = $1.1
            }
            .compactMap(\.self)
        }
    }

    @Test func eachGetsItsOwnAnswerAndActsForItself() async throws {
        try await Self.run { gateway, door in
            gateway.messaging.answer(Self.answer(behind: door))
            let tenants = [try await gateway.tenant("A"), try await gateway.tenant("B")]
            let creates = (0..<40).map { number in
                (
                    text: #"{"n":\#(number)}"#, key: tenants[number % 2].key.secret,
                    idempotencyKey: number == 39 ? "bad" : number % 3 == 0 ? "k\(number)" : nil
                )
            }
            let answers = try await Self.post(gateway, creates, opening: door)
            #expect(answers.dropLast().map(\.status) == Array(repeating: 202, count: 39))
            #expect(answers.dropLast().map(\.body) == creates.dropLast().map(\.text))
            #expect(answers.last?.status == 422)
            #expect(answers.last?.headers.first(name: "retry-after") == "7")
            #expect(Set(answers.map { $0.headers.first(name: "x-request-id") }).count == 40)

            let gathered = try gateway.messaging.calls.filter { $0.target == "/internal/messages/gathered" }
                .flatMap { try Gathering.creates(in: $0.bytes) }
            #expect(gathered.count == 40 - Self.alone)
            for create in gathered {
                let text = String(buffer: create.body)
                let place = try #require(creates.firstIndex { $0.text == text })
                #expect("\(create.acting.orgID)" == tenants[place % 2].org)
                #expect(create.acting.actor == "key:\(tenants[place % 2].key.id)")
                #expect(create.idempotencyKey == creates[place].idempotencyKey)
                #expect(create.trace.requestID == answers[place].headers.first(name: "x-request-id"))
            }
            #expect(
                gateway.messaging.calls.allSatisfy { $0.header("herald-org") != nil || $0.target.hasSuffix("gathered") }
            )
        }
    }

    private final class Refusals: Sendable {
        private let value = Mutex(0)
        var count: Int { self.value.withLock(\.self) }
        func note(_ status: Int) { if status == 503 { self.value.withLock { $0 += 1 } } }
    }

    /// What creates of one key that fill all places are answered; `body` runs meanwhile, and is told how many of them are refused.
    private static func whileFull(
        _ gateway: Gateway,
        of key: String,
        opening door: Door,
        _ body: (Refusals) async throws -> Void
    ) async throws -> [Int] {
        let refusals = Refusals()
        return try await withThrowingTaskGroup(of: Int.self) { tasks in
            for place in 0..<Self.alone + Self.waiting {
                if place == Self.alone { try await eventually { gateway.messaging.calls.count == Self.alone } }
                tasks.addTask {
                    let status = try await gateway.call(.POST, "/api/v1/messages", key: key, body: "{}").status
                    refusals.note(status)
                    return status
                }
            }
            try await eventually { gateway.waitingCreates() == Self.waiting }
            try await body(refusals)
            await door.open()
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
    }

    /// The first of them after its key is known, the others at the door, unless the client is about to leave; the log says whose they
    /// are, once.
    @Test(arguments: [[], [("connection", "close")]])
    func moreThanMayWaitAreToldToComeAgain(headers: [(String, String)]) async throws {
        let lines = LogLines()
        try await Self.run(logger: lines.logger) { gateway, door in
            gateway.messaging.answer(Self.answer(behind: door))
            let tenant = try await gateway.tenant()
            let key = tenant.key.secret
            let statuses = try await Self.whileFull(gateway, of: key, opening: door) { _ in
                for place in 0..<3 {
                    let refused = try await gateway.call(.POST, "/api/v1/messages", key: key, headers, body: "{}")
                    #expect(refused.status == 503)
                    #expect(refused.code == "unavailable")
                    #expect(refused.headers.contains(name: "ratelimit") == (place == 0 || !headers.isEmpty))
                    #expect(refused.headers.first(name: "retry-after") != nil)
                }
            }
            #expect(statuses == Array(repeating: 202, count: Self.alone + Self.waiting))
            let said = lines.all.filter { $0.contains("creates are refused") }
            #expect(said.count == 1)
            #expect(said.allSatisfy { $0.hasPrefix("warning ") && $0.contains(tenant.org) })
            // The door is open again.
            #expect(try await gateway.call(.POST, "/api/v1/messages", key: key, headers, body: "{}").status == 202)
        }
    }

    /// Of the one that has all places one makes room, and is told to come again.
    @Test func anotherOrganizationHasItsPlaceAndItsTurn() async throws {
        try await Self.run { gateway, door in
            gateway.messaging.answer(Self.answer(behind: door))
            let flood = try await gateway.tenant("A").key.secret
            let other = try await gateway.tenant("B").key.secret
            let answers = try await withThrowingTaskGroup(of: Gateway.Answer.self) { others in
                let statuses = try await Self.whileFull(gateway, of: flood, opening: door) { refusals in
                    // From now on it is refused at the door, and the other one is not.
                    for place in 0..<2 {
                        let refused = try await gateway.call(.POST, "/api/v1/messages", key: flood, body: "{}")
                        #expect(refused.status == 503)
                        #expect(refused.headers.contains(name: "ratelimit") == (place == 0))
                    }
                    for count in 1...2 {
                        others.addTask {
                            try await gateway.call(.POST, "/api/v1/messages", key: other, body: #"{"other":true}"#)
                        }
                        try await eventually { refusals.count == count }
                    }
                    #expect(gateway.waitingCreates() == Self.waiting)
                }
                #expect(statuses.count { $0 == 503 } == 2)
                #expect(statuses.count { $0 == 202 } == Self.alone + Self.waiting - 2)
                return try await others.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.status) == [202, 202])
            let first = try #require(gateway.messaging.calls.first { $0.target == "/internal/messages/gathered" })
            let bodies = try Gathering.creates(in: first.bytes).map { String(buffer: $0.body) }
            #expect(bodies.prefix(4).count { $0.contains("other") } == 2)
        }
    }

    /// Its key acts for all of them: what is refused of it for one says nothing about another.
    @Test func theOperatorIsNotRefusedForAnotherOrganization() async throws {
        try await Self.run { gateway, door in
            gateway.messaging.answer(Self.answer(behind: door))
            let flood = try await gateway.tenant("A")
            let other = try await gateway.org("B")
            let status = try await withThrowingTaskGroup(of: Int.self) { others in
                _ = try await Self.whileFull(gateway, of: flood.key.secret, opening: door) { refusals in
                    for _ in 0..<2 {
                        let refused = try await gateway.operate(.POST, "/api/v1/messages", for: flood.org, body: "{}")
                        #expect(refused.status == 503)
                    }
                    others.addTask {
                        try await gateway.operate(.POST, "/api/v1/messages", for: other, body: "{}").status
                    }
                    try await eventually { refusals.count == 1 }
                }
                return try await others.next()
            }
            #expect(status == 202)
        }
    }

    /// A dry run, a large one and one of another type go by themselves, however many are under way.
    @Test(arguments: [
        ("?dry_run=true", "application/json", 10), ("", "application/json", GatheredCreate.mostBodyBytes + 1),
        ("", "text/plain", 10),
    ])
    func whatIsNotLikeTheOthersGoesByItself(query: String, type: String, bytes: Int) async throws {
        try await Self.run { gateway, door in
            gateway.messaging.answer(Self.answer(behind: door))
            let key = try await gateway.tenant().key.secret
            let first = (0..<Self.alone).map { _ in
                Task { try await gateway.call(.POST, "/api/v1/messages", key: key, body: "{}") }
            }
            try await eventually { gateway.messaging.calls.count == Self.alone }
            let other = Task {
                try await gateway.call(
                    .POST,
                    "/api/v1/messages\(query)",
                    key: key,
                    [("content-type", type)],
                    body: String(repeating: "x", count: bytes)
                )
            }
            try await eventually { gateway.messaging.calls.count == Self.alone + 1 }
            await door.open()
            for task in first + [other] { #expect(try await task.value.status == 202) }
            #expect(!gateway.messaging.calls.contains { $0.target.hasSuffix("gathered") })
        }
    }

    @Test(arguments: [401, 500, 200]) func whatIsNoAnswerIsToldToAllOfThem(status: Int) async throws {
        try await Self.run { gateway, door in
            let ordinary = Self.answer(behind: door)
            gateway.messaging.answer { call in
                guard call.target == "/internal/messages/gathered" else { return try await ordinary(call) }
                return Response(status: .init(code: status), body: .init(byteBuffer: ByteBuffer(string: "?")))
            }
            let key = try await gateway.tenant().key.secret
            let creates = (0..<12).map { (text: #"{"n":\#($0)}"#, key: key, idempotencyKey: String?.none) }
            let answers = try await Self.post(gateway, creates, opening: door)
            #expect(answers.prefix(Self.alone).allSatisfy { $0.status == 202 })
            let others = answers.dropFirst(Self.alone)
            #expect(others.allSatisfy { $0.status == 503 && $0.code == "unavailable" })
            #expect(others.allSatisfy { $0.headers.first(name: "retry-after") == "1" })
        }
    }
}
