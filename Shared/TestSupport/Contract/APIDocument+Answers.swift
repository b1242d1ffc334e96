import NIOHTTP1
import Shared

extension APIDocument {
    /// Returns what an answer to a request has that the document does not say, or lacks that it says.
    ///
    /// A request that no operation answers has nothing to be compared with.
    package func violations(of answer: API.Answer, to method: String, _ target: String) -> [String] {
        guard let operation = self.operation(method, target), !Self.isOfProtocol(answer) else { return [] }
        guard let documented = operation.node["responses"]?["\(answer.status)"] else {
            return ["status \(answer.status) is not documented"]
        }
        return self.contentViolations(of: answer, self.resolved(documented))
            + Self.headerViolations(of: answer, isAPI: operation.isAPI)
    }

    /// What any request may be answered with, as the document's introduction says: it is no answer of the operation.
    private static func isOfProtocol(_ answer: API.Answer) -> Bool {
        ["method-not-allowed", "malformed-request", "headers-too-large", "target-too-long", "request-timeout"]
            .contains(answer.code)
    }

    private func contentViolations(of answer: API.Answer, _ documented: JSONValue) -> [String] {
        guard let content = documented["content"]?.object else {
            return answer.bytes.isEmpty ? [] : ["there is a body, and none is documented"]
        }
        let type = answer.headers.first(name: "content-type").map { String($0.prefix { $0 != ";" }) } ?? ""
        guard let media = content[type] ?? content["*/*"] else { return ["the content type \(type) is not documented"] }
        guard type.hasSuffix("json"), let schema = media["schema"] else { return [] }
        guard let body = try? JSONValue(parsing: answer.bytes) else { return ["the body is no JSON"] }
        return JSONSchema(in: self.root, isClosed: true).violations(of: body, against: schema)
            + (type == "application/problem+json" ? Self.problemViolations(body, answer.status) : [])
    }

    private static func problemViolations(_ body: JSONValue, _ status: Int) -> [String] {
        let code = body["code"]?.string ?? ""
        return (body["status"]?.int == status ? [] : ["/status is not the answer's"])
            + (body["type"]?.string == "urn:herald:problem:\(code)" ? [] : ["/type does not end with the code"])
    }

    /// Of every answer: a request id; of one to try again a time.
    private static func headerViolations(of answer: API.Answer, isAPI: Bool) -> [String] {
        var missing: [String] = []
        if isAPI { missing.append("x-request-id") }
        if [429, 503].contains(answer.status) { missing.append("retry-after") }
        if answer.status == 401 { missing.append("www-authenticate") }
        return missing.filter { !answer.headers.contains(name: $0) }.map { "there is no \($0)" }
    }
}
