import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// Posts the statuses of accepted messages: in order for each message, many messages at a time.
///
/// A message stays in one lane, and a lane posts one request at a time. Waits happen on timers, not in lanes.
final class CallbackSender: Service {
    private struct Job: Sendable {
        let reporter: any StatusReporter
        let lane: Int
        var statuses: ArraySlice<CallbackStatus>
        /// The request in hand, the same in every try as with the providers.
        var post: SignedPost?
        var failures = 0
    }

    private struct Lane: Sendable {
        let jobs: AsyncStream<Job>
        let continuation: AsyncStream<Job>.Continuation
    }

    /// Enough for 10,000 callbacks a second against an answer time of 6 ms.
    static let laneCount = 64
    /// Messages with callbacks to come; about a minute of the largest load test.
    static let maximumPending = 200_000
    /// Providers give up on a webhook after 5 to 15 s.
    static let timeout: TimeAmount = .seconds(10)
    /// Waits before the repetitions, 23 s in all: longer than a service needs to restart.
    static let backoff: [Duration] = [100, 200, 400, 800, 1600, 3200, 6400, 10000].map { .milliseconds($0) }

    private let callbacks: Callbacks
    private let stats: StatsCounter
    private let lanes: [Lane]

    init(callbacks: Callbacks, stats: StatsCounter) {
        self.callbacks = callbacks
        self.stats = stats
        self.lanes = (0..<Self.laneCount).map { _ in
            let (jobs, continuation) = AsyncStream.makeStream(of: Job.self)
            return Lane(jobs: jobs, continuation: continuation)
        }
    }

    /// Starts the reports of one message; `statuses` replaces the configured ones.
    func enqueue(_ reporter: any StatusReporter, statuses: [CallbackStatus]?) {
        let settings = self.callbacks.settings
        let statuses = statuses ?? settings.statuses
        guard settings.isEnabled, !statuses.isEmpty else { return }
        guard self.stats.current.callbacksPending < Self.maximumPending else {
            self.stats.add(statuses.count, to: \.callbacksDropped)
            return
        }
        self.stats.add(to: \.callbacksPending)
        let lane = Int.random(in: self.lanes.indices)
        self.schedule(Job(reporter: reporter, lane: lane, statuses: statuses[...]), after: settings.delay)
    }

    @concurrent
    func run() async throws {
        var configuration = HTTPClient.Configuration(
            timeout: HTTPClient.Configuration.Timeout(connect: Self.timeout, read: Self.timeout)
        )
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.laneCount
        // The client would try a refused connection again and again until the timeout, and hold the lane.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for lane in self.lanes {
                    group.addTask {
                        for await job in lane.jobs {
                            await self.attempt(job, client: client)
                        }
                    }
                }
            }
        }
        try await client.shutdown()
    }

    private func attempt(_ job: Job, client: HTTPClient) async {
        guard let status = job.statuses.first else { return }
        guard let post = job.post ?? job.reporter.post(status) else { return self.advance(job) }
        if await self.send(post, client: client) {
            self.stats.add(to: \.callbacksSent)
            self.advance(job)
        } else if job.failures < Self.backoff.count || !self.callbacks.settings.givesUp {
            self.stats.add(to: \.callbacksRetried)
            var job = job
            job.post = post
            job.failures += 1
            self.schedule(job, after: Self.backoff[min(job.failures, Self.backoff.count) - 1])
        } else {
            self.stats.add(to: \.callbacksFailed)
            self.advance(job)
        }
    }

    /// Goes on to the message's next status.
    private func advance(_ job: Job) {
        var job = job
        job.post = nil
        job.failures = 0
        job.statuses = job.statuses.dropFirst()
        if job.statuses.isEmpty {
            self.stats.add(-1, to: \.callbacksPending)
        } else {
            self.schedule(job, after: self.callbacks.settings.delay)
        }
    }

    private func schedule(_ job: Job, after delay: Duration) {
        let continuation = self.lanes[job.lane].continuation
        guard delay > .zero else {
            continuation.yield(job)
            return
        }
        HTTPClient.defaultEventLoopGroup.next().scheduleTask(in: TimeAmount(delay)) {
            _ = continuation.yield(job)
        }
    }

    /// Whether the receiver answered 2xx.
    private func send(_ post: SignedPost, client: HTTPClient) async -> Bool {
        var request = HTTPClientRequest(url: post.url)
        request.method = .POST
        request.headers.add(name: "content-type", value: post.contentType)
        for (name, value) in post.headers {
            request.headers.add(name: name, value: value)
        }
        request.body = .bytes(ByteBuffer(string: post.body))
        guard let response = try? await client.execute(request, timeout: Self.timeout) else { return false }
        // Read to its end, or the connection could not be used again.
        _ = try? await response.body.collect(upTo: 1 << 16)
        return (200..<300).contains(response.status.code)
    }
}
