import NIOHTTP1
import TestSupport
import Testing

/// The public document: every answer of every platform of these tests is compared with it.
enum Contract {
    @Sendable static func check(_ method: HTTPMethod, _ target: String, _ answer: API.Answer) {
        guard let document = try? APIDocument.ours.get() else {
            Issue.record("openapi.yaml can not be read")
            return
        }
        for violation in document.violations(of: answer, to: method.rawValue, target) {
            Issue.record("\(method) \(target) answered \(answer.status): \(violation)\n\(answer.text.prefix(2000))")
        }
    }
}
