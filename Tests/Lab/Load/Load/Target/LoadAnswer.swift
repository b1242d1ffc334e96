import Foundation
import Shared

/// An answer of the API.
struct LoadAnswer: Sendable {
    let status: Int
    let body: Data
    var retryAfter: String?

    /// The stable name of a problem; nil for what is none.
    var problemCode: String? { self.problem?["code"]?.string }

    /// The problem in one sentence, or the start of whatever else came.
    var explanation: String {
        guard let problem, let title = problem["title"]?.string else {
            return String(String(decoding: self.body, as: UTF8.self).prefix(120))
        }
        let violations = (problem["violations"]?.array ?? []).map { violation in
            "\(violation["pointer"]?.string ?? "") \(violation["detail"]?.string ?? "")"
        }
        return ([title, problem["detail"]?.string].compactMap(\.self) + violations).joined(separator: " ")
    }

    /// Foundation's reader would take more of the processors than the request.
    private var problem: JSONValue? {
        self.status < 400 ? nil : try? JSONValue(parsing: Array(self.body))
    }
}
