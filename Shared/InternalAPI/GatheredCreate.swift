package import NIOCore
import NIOHTTP1
package import Shared

/// One create of a message among those that a gateway passes on together, as a client sent it.
package struct GatheredCreate: Sendable, Equatable {
    /// In one call.
    package static let most = 64
    /// Of one body; what has more goes by itself.
    package static let mostBodyBytes = 16 * 1024
    /// Of one call, with what stands around the bodies: headers have at most 16 KB.
    package static let mostBytes = Self.most * (Self.mostBodyBytes + 20 * 1024)

    package let acting: Acting
    package let trace: RequestTrace
    package let idempotencyKey: String?
    package let body: ByteBuffer

    package init(acting: Acting, trace: RequestTrace, idempotencyKey: String?, body: ByteBuffer) {
        self.acting = acting
        self.trace = trace
        self.idempotencyKey = idempotencyKey
        self.body = body
    }
}

/// Creates, and what is answered to them, as bytes: each part has its length before it, and nothing is decoded on the way.
package enum Gathering {
    package struct Misfit: Error {}

    package static func bytes(of creates: [GatheredCreate]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(creates.reduce(0) { $0 + $1.body.readableBytes + 400 })
        for create in creates {
            buffer.write(part: create.acting.orgID.description)
            buffer.write(part: create.acting.actor)
            buffer.write(part: create.acting.mode.rawValue)
            buffer.write(part: create.acting.defaultRegion?.rawValue)
            buffer.writeInteger(create.acting.scheduleLead.microseconds)
            buffer.write(part: create.trace.requestID)
            buffer.write(part: create.trace.traceParent)
            buffer.write(part: create.idempotencyKey)
            buffer.writeInteger(UInt32(create.body.readableBytes))
            buffer.writeImmutableBuffer(create.body)
        }
        return buffer
    }

    /// - Throws: `Misfit` for what is no such bytes, or more than a call may have.
    package static func creates(in buffer: ByteBuffer) throws -> [GatheredCreate] {
        var buffer = buffer
        var creates: [GatheredCreate] = []
        while buffer.readableBytes > 0 {
            guard creates.count < GatheredCreate.most,
                let orgID = try buffer.readPart().flatMap({ OrgID($0) }), let actor = try buffer.readPart(),
                let mode = try buffer.readPart().flatMap(KeyMode.init(rawValue:))
            else { throw Misfit() }
            let region = try buffer.readPart().map { text throws(Misfit) in
                guard let region = PhoneRegion(rawValue: text) else { throw Misfit() }
                return region
            }
            guard let lead = buffer.readInteger(as: Int64.self), let requestID = try buffer.readPart() else {
                throw Misfit()
            }
            let traceParent = try buffer.readPart()
            let key = try buffer.readPart()
            guard let length = buffer.readInteger(as: UInt32.self), length <= GatheredCreate.mostBodyBytes,
                let body = buffer.readSlice(length: Int(length))
            else { throw Misfit() }
            let acting = Acting(
                orgID: orgID,
                actor: actor,
                mode: mode,
                defaultRegion: region,
                scheduleLead: .microseconds(lead)
            )
            let trace = RequestTrace(requestID: requestID, traceParent: traceParent)
            creates.append(GatheredCreate(acting: acting, trace: trace, idempotencyKey: key, body: body))
        }
        return creates
    }

    package static func bytes(of answers: [InternalAnswer]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(answers.reduce(0) { $0 + $1.body.readableBytes + 100 })
        for answer in answers {
            buffer.writeInteger(UInt16(answer.status))
            buffer.writeInteger(UInt16(answer.headers.count))
            for (name, value) in answer.headers {
                buffer.write(part: name)
                buffer.write(part: value)
            }
            buffer.writeInteger(UInt32(answer.body.readableBytes))
            buffer.writeImmutableBuffer(answer.body)
        }
        return buffer
    }

    package static func answers(in buffer: ByteBuffer) throws -> [InternalAnswer] {
        var buffer = buffer
        var answers: [InternalAnswer] = []
        while buffer.readableBytes > 0 {
            guard let status = buffer.readInteger(as: UInt16.self), let count = buffer.readInteger(as: UInt16.self)
            else {
                throw Misfit()
            }
            var headers: [(String, String)] = []
            for _ in 0..<count {
                guard let name = try buffer.readPart(), let value = try buffer.readPart() else { throw Misfit() }
                headers.append((name, value))
            }
            guard let length = buffer.readInteger(as: UInt32.self), let body = buffer.readSlice(length: Int(length))
            else {
                throw Misfit()
            }
            answers.append(InternalAnswer(status: Int(status), headers: .init(headers), body: body))
        }
        return answers
    }
}

extension ByteBuffer {
    /// Nil has a length that no text has.
    private static var absent: UInt32 { .max }

    fileprivate mutating func write(part: String?) {
        guard let part else {
            self.writeInteger(Self.absent)
            return
        }
        self.writeInteger(UInt32(part.utf8.count))
        self.writeString(part)
    }

    fileprivate mutating func readPart() throws(Gathering.Misfit) -> String? {
        guard let length = self.readInteger(as: UInt32.self) else { throw .init() }
        guard length != Self.absent else { return nil }
        guard let text = self.readString(length: Int(length)) else { throw .init() }
        return text
    }
}
