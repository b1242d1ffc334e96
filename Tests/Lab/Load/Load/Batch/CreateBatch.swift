import Foundation
import NIOCore

/// Creates as many messages as one request may have.
struct CreateBatch: LoadRequest {
    static let most = 1000
    static let answered = 207
    /// What stands in the answer for each message that was accepted.
    private static let accepted = Data(#""status":202"#.utf8)

    let client: LoadClient
    let body: MessageBody
    var size = Self.most

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        let numbers = number * self.size..<(number + 1) * self.size
        let elements = numbers.map { self.body.json($0) }.joined(separator: ",")
        let answer = try await self.client.post(
            "/api/v1/messages/batch",
            ByteBuffer(string: "{\"messages\":[\(elements)]}")
        )
        guard answer.status == Self.answered else { return answer }
        let accepted = Self.accepted(in: answer.body)
        guard accepted == self.size else {
            let reason = Self.firstProblem(in: answer.body).map { ", the first as \($0)" } ?? ""
            throw LoadFailure("\(self.size - accepted) messages of a batch were refused\(reason).")
        }
        return answer
    }

    /// The code of the first problem; nil where none has one.
    static func firstProblem(in body: Data) -> String? {
        guard let start = body.range(of: Data(#""code":""#.utf8))?.upperBound else { return nil }
        return String(decoding: body[start...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    /// Counted, not decoded: decoding a thousand results takes longer than making them.
    static func accepted(in body: Data) -> Int {
        var count = 0
        var rest = body[...]
        while let found = rest.range(of: self.accepted) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
