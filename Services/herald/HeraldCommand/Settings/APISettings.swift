import Foundation

/// Which API is called, and as whom.
///
/// - `API_URL`: where the api-gateway is reached, like `http://127.0.0.1:8080`.
/// - `API_KEY`: the key of an organization, `hk_live_…` or `hk_test_…`.
/// - `OPERATOR_KEY`: manages organizations.
///
/// The environment goes before `.herald/env`. Keys of the file are only used for the file's own `API_URL`: they must
/// not travel to another installation.
struct APISettings: Sendable, Equatable {
    /// Without a slash at its end.
    let url: String
    private let apiKey: String?
    private let operatorKey: String?

    init(environment: [String: String], directory: String) throws(CommandFailure) {
        let environment = environment.filter { !$0.value.isEmpty }
        let file = try EnvFile.nearest(to: directory)?.values ?? [:]
        guard let text = environment["API_URL"] ?? file["API_URL"] else {
            throw .usage(
                """
                API_URL is not set, and there is no \(EnvFile.path) here or above. Start Herald with deploy/up, or set \
                API_URL and API_KEY.
                """
            )
        }
        self.url = try Self.checked(text)
        let fileURL = try file["API_URL"].map { text throws(CommandFailure) in try Self.checked(text) }
        let keys = fileURL == self.url ? file : [:]
        self.apiKey = environment["API_KEY"] ?? keys["API_KEY"]
        self.operatorKey = environment["OPERATOR_KEY"] ?? keys["OPERATOR_KEY"]
    }

    var requiredAPIKey: String {
        get throws(CommandFailure) { try Self.required(self.apiKey, "API_KEY", for: self.url) }
    }

    var requiredOperatorKey: String {
        get throws(CommandFailure) { try Self.required(self.operatorKey, "OPERATOR_KEY", for: self.url) }
    }

    private static func required(_ key: String?, _ name: String, for url: String) throws(CommandFailure) -> String {
        guard let key, !key.isEmpty else {
            throw .usage(
                "\(name) is not set: put it into the environment, or into \(EnvFile.path) beside API_URL=\(url)."
            )
        }
        // What can not stand in a header would only be seen as a broken request.
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .usage("\(name) has characters that no key has: copy it again, without spaces and line breaks.")
        }
        return key
    }

    private static func checked(_ text: String) throws(CommandFailure) -> String {
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let components = URLComponents(string: trimmed), let scheme = components.scheme,
            ["http", "https"].contains(scheme), components.host?.isEmpty == false, components.query == nil,
            components.fragment == nil
        else {
            throw .usage("API_URL must be an address like http://127.0.0.1:8080, and is \(PlainText.of(text)).")
        }
        return trimmed
    }
}
