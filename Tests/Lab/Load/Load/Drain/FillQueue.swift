import Foundation
import NIOCore

/// Creates messages in batches.
struct FillQueue: Sendable {
    /// The most that one request may have.
    private static let batch = 1000
    /// Requests at a time: creation is not what is measured, it must only end before the messages are due.
    static let connections = 4

    struct Tally: Sendable {
        var accepted = 0
        var outcomes = Outcomes()
    }

    let client: LoadClient
    let body: MessageBody
    let marks: RunMarks
    let messages: Int
    /// The first number.
    var first = 0

    func callAsFunction() async -> Tally {
        let batches = stride(from: 0, to: self.messages, by: Self.batch).map {
            self.first + $0..<self.first + min($0 + Self.batch, self.messages)
        }
        return await withTaskGroup(of: Tally.self) { group in
            var waiting = batches[...]
            for _ in 0..<Self.connections {
                guard let numbers = waiting.popFirst() else { break }
                group.addTask { await self.create(numbers) }
            }
            var total = Tally()
            for await tally in group {
                total.accepted += tally.accepted
                total.outcomes.add(tally.outcomes)
                if let numbers = waiting.popFirst() { group.addTask { await self.create(numbers) } }
            }
            return total
        }
    }

    private func create(_ numbers: Range<Int>) async -> Tally {
        let elements = numbers.map { self.body.json($0, mark: self.marks.mark($0)) }.joined(separator: ",")
        var tally = Tally()
        do {
            let answer = try await self.client.post(
                "/api/v1/messages/batch",
                ByteBuffer(string: "{\"messages\":[\(elements)]}")
            )
            tally.outcomes.count(answer, expected: 207)
            guard answer.status == 207 else { return tally }
            guard let results = try? JSONDecoder().decode(BatchResults.self, from: answer.body) else {
                tally.outcomes.count(LoadFailure("The answer to a batch is not what the API promises."))
                return tally
            }
            tally.accepted = results.data.count { $0.status == 202 }
            for result in results.data where result.status != 202 {
                tally.outcomes.count(
                    LoadFailure("A message was refused with \(result.status): \(result.error?.title ?? "")")
                )
            }
        } catch {
            tally.outcomes.count(error)
        }
        return tally
    }
}

private struct BatchResults: Decodable {
    struct Element: Decodable {
        struct Problem: Decodable {
            let title: String
        }

        let status: Int
        let error: Problem?
    }

    let data: [Element]
}
