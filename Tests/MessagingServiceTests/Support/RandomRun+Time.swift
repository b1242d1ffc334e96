import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What time does.
extension RandomRun {
    mutating func pass() async throws {
        try await self.check()
        let now = Timestamp.now
        var span = Duration.seconds(self.pick([130, 700, 4500]))
        while self.model.isNear(span, now: now) { span += .seconds(60) }
        self.note("pass \(span)")
        let past: SQL = "\(Int(span.microseconds))::bigint * interval '1 microsecond'"
        try await self.fixture.rows(
            """
            UPDATE outbox SET due_at = due_at - \(past), hold_until = hold_until - \(past),
                expires_at = expires_at - \(past), failing_since = failing_since - \(past)
            """
        )
        try await self.fixture.rows(
            "UPDATE messages SET scheduled_at = scheduled_at - \(past), expires_at = expires_at - \(past)"
        )
        try await self.fixture.sweep.expire()
        try await self.fixture.sweep.placeDue()
        try await self.fixture.sweep.releaseUncertain()
        self.model.pass(span, now: now)
    }

    /// Leases whatever can be: nothing that is due and first is left.
    mutating func drain() async throws {
        try await self.lease(200)
        try await self.check()
        let left = try await self.fixture.count(
            """
            SELECT count(*) AS count FROM outbox
             WHERE state = 'ready' AND due_at <= now() AND (expires_at IS NULL OR expires_at > now())
            """
        )
        try self.same(left, 0)
        try self.same(try await self.fixture.mendLanes(), 0)
    }
}
