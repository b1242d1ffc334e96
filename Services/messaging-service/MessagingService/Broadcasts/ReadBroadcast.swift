import HTTPService
import NIOCore
import Shared

/// Reads the body of `POST /broadcasts`, of which the recipients are most: they are read one by one, never all as JSON.
struct ReadBroadcast: Sendable {
    struct Read: Sendable {
        /// All but the recipients.
        let body: JSONValue
        let recipients: [NewRecipients.Element]
        let idempotencyKey: String?
    }

    /// - Throws: `Problem` `malformed-json` (400), `invalid-request` (422) for elements that are no recipients.
    static func read(_ bytes: ByteBuffer) throws -> Read {
        var recipients: [NewRecipients.Element] = []
        var violations: [Problem.Violation] = []
        let object: JSONObject
        do {
            object = try JSONObject(parsing: Array(bytes.readableBytesView), elementsOf: "recipients") {
                index,
                element in
                guard index < Limits.broadcastRecipients else { throw Problem.tooManyRecipients }
                var fields = JSONFields(element, at: "/recipients/\(index)")
                let recipient = NewRecipients.Element(&fields)
                do throws(Problem) {
                    try fields.finish()
                    recipients.append(recipient)
                } catch {
                    violations += error.violations
                    // Enough for one answer.
                    if violations.count >= 50 { throw Problem.invalidRequest(Array(violations.prefix(50))) }
                }
            }
        } catch let error as JSONSyntaxError {
            throw Problem.malformedJSON(error)
        }
        guard violations.isEmpty else { throw Problem.invalidRequest(violations) }
        if object["recipients"].map({ !$0.isNull }) ?? false {
            throw Problem.invalidRequest([.init(pointer: "/recipients", detail: "must be an array")])
        }
        var rest = object
        rest["recipients"] = JSONValue?.none
        rest["idempotency_key"] = JSONValue?.none
        return Read(
            body: .object(rest),
            recipients: recipients,
            idempotencyKey: try Self.key(object["idempotency_key"])
        )
    }

    private static func key(_ value: JSONValue?) throws(Problem) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string, (try? IdempotencyKey(text)) != nil else {
            let detail = "must have 1 to 255 printable ASCII characters, without spaces"
            throw .invalidRequest([.init(pointer: "/idempotency_key", detail: detail)])
        }
        return text
    }
}

extension Problem {
    fileprivate static let tooManyRecipients = Problem.invalidRequest([
        .init(
            pointer: "/recipients",
            detail: "must have at most \(Limits.broadcastRecipients) elements: use groups, or several broadcasts"
        )
    ])
}
