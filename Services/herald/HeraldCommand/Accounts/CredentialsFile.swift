import Foundation
import Shared

/// A file of credentials: one JSON object, or `name=value` lines as a shell reads them.
enum CredentialsFile {
    /// The credentials of all providers that must not become known.
    static let secretNames: Set = [
        "access_token", "app_secret", "verify_token", "auth_token", "password", "api_key", "secret",
    ]
    /// As much as an ordinary request to the API may have.
    static let maximumBytes = Limits.bodyBytes

    /// Reads the file at `path`; `-` is standard input.
    static func read(_ path: String, in context: CommandContext) throws(CommandFailure) -> JSONObject {
        let data: Data
        do {
            data = path == "-" ? try context.readInput() : try Data(contentsOf: URL(filePath: path))
        } catch {
            throw .usage("The credentials file \(PlainText.of(path)) can not be read.")
        }
        guard data.count <= self.maximumBytes else {
            throw .usage("The credentials have more than \(self.maximumBytes / 1024) KB; is it the right file?")
        }
        let object = try self.parse(String(decoding: data, as: UTF8.self))
        guard !object.isEmpty else {
            throw .usage("The credentials file holds none: it needs name=value lines, or one JSON object.")
        }
        return object
    }

    static func parse(_ text: String) throws(CommandFailure) -> JSONObject {
        guard text.first(where: { !$0.isWhitespace }) == "{" else {
            var object = JSONObject()
            for (name, value) in EnvFile(text).values.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
            return object
        }
        do {
            // What is parsed here began with a brace.
            return try JSONValue(parsing: text).object ?? [:]
        } catch {
            // Only where: what stands there may be a secret.
            throw .usage("The credentials file is no valid JSON, at byte \(error.offset).")
        }
    }
}
