import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Shared

extension InternalClient {
    /// Tries of a repeatable call: two more bridge the moment in which a process is replaced.
    private static let tries = 3
    /// Pause before the second try; it doubles, and is spread over ±50 % so that callers do not return together.
    private static let firstPause: Duration = .milliseconds(50)

    /// Performs `call`, repeating it where that is allowed.
    ///
    /// - Throws: `Problem.unavailable` with the service's name; `CancellationError`.
    func perform(_ call: InternalCall, as acting: Acting?, deadline: Duration) async throws -> InternalAnswer {
        let end = NIODeadline.now() + TimeAmount(deadline)
        return try await self.measured(call) { traceParent in
            let request = try await self.request(for: call, as: acting, within: traceParent)
            return try await self.repeating(request, isRepeatable: call.repeatable, until: end)
        }
    }

    private func repeating(
        _ request: HTTPClientRequest,
        isRepeatable: Bool,
        until end: NIODeadline
    ) async throws -> InternalAnswer {
        var pause = Self.firstPause
        for attempt in 1...Self.tries {
            let isLast = attempt == Self.tries || !isRepeatable
            do {
                let answer = try await self.execute(request, until: end)
                if answer.status != 503 || isLast { return answer }
            } catch {
                try Task.checkCancellation()
                if isLast { break }
            }
            let jittered = pause * Double.random(in: 0.5...1.5)
            guard NIODeadline.now() + TimeAmount(jittered) < end else { break }
            try await self.clock.sleep(for: jittered)
            pause *= 2
        }
        throw Problem.unavailable(self.service.rawValue)
    }

    private func execute(_ request: HTTPClientRequest, until end: NIODeadline) async throws -> InternalAnswer {
        let response = try await self.client.execute(request, deadline: end)
        let body = try await response.body.collect(upTo: Self.answerBytes)
        return InternalAnswer(status: Int(response.status.code), headers: response.headers, body: body)
    }

    func request(
        for call: InternalCall,
        as acting: Acting?,
        within traceParent: String? = RequestTrace.current?.traceParent
    ) async throws -> HTTPClientRequest {
        let query = call.query.map { "?\($0)" } ?? ""
        var request = HTTPClientRequest(url: self.baseURL + call.path.text + query)
        request.method = call.method
        request.headers = call.headers
        request.headers.replaceOrAdd(name: "authorization", value: "Bearer \(try await self.token())")
        if let acting {
            request.headers.replaceOrAdd(name: InternalHeader.org, value: acting.orgID.description)
            request.headers.replaceOrAdd(name: InternalHeader.actor, value: acting.actor)
            request.headers.replaceOrAdd(name: InternalHeader.mode, value: acting.mode.rawValue)
            if let client = ClientOrigin.address {
                request.headers.replaceOrAdd(name: InternalHeader.client, value: client)
            }
            if let region = acting.defaultRegion {
                request.headers.replaceOrAdd(name: InternalHeader.region, value: region.rawValue)
            }
            if acting.scheduleLead > .zero {
                let minutes = acting.scheduleLead.microseconds / 60_000_000
                request.headers.replaceOrAdd(name: InternalHeader.scheduleLead, value: "\(minutes)")
            }
        }
        if let trace = RequestTrace.current {
            request.headers.replaceOrAdd(name: InternalHeader.requestID, value: trace.requestID)
        }
        if let traceParent { request.headers.replaceOrAdd(name: InternalHeader.traceParent, value: traceParent) }
        if let body = call.body { request.body = .bytes(body) }
        return request
    }
}
