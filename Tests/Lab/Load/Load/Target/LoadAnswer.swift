import Foundation

/// An answer of the API.
struct LoadAnswer: Sendable {
    let status: Int
    let body: Data
    var retryAfter: String?

    /// The stable name of a problem; nil for what is none.
    var problemCode: String? { self.problem?.code }

    /// The problem in one sentence, or the start of whatever else came.
    var explanation: String {
        guard let problem else { return String(String(decoding: self.body, as: UTF8.self).prefix(120)) }
        let violations = (problem.violations ?? []).map { "\($0.pointer) \($0.detail)" }
        return ([problem.title, problem.detail].compactMap(\.self) + violations).joined(separator: " ")
    }

    private var problem: LoadProblem? {
        self.status < 400 ? nil : try? JSONDecoder().decode(LoadProblem.self, from: self.body)
    }
}

private struct LoadProblem: Decodable {
    struct Violation: Decodable {
        let pointer: String
        let detail: String
    }

    let title: String
    let code: String?
    let detail: String?
    let violations: [Violation]?
}
