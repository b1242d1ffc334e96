import Configuration
import Logging
package import Shared

/// Reads settings, and gathers what is wrong with them, so that a start names every fault at once.
///
/// An empty value counts as absent: a compose file hands one over for a variable that is not set.
struct Settings {
    let reader: ConfigReader
    let logger: Logger
    private(set) var faults: [ConfigFailure] = []

    init(reader: ConfigReader, logger: Logger) {
        self.reader = reader
        self.logger = logger
    }

    /// - Parameters:
    ///   - key: `worker.state.dir`, which the environment spells `WORKER_STATE_DIR`.
    ///   - former: the key by which a system that Herald replaces knew it; `key` goes before it.
    /// - Returns: nil when neither is set.
    func text(_ key: String, formerly former: String? = nil) -> String? {
        if let text = self.value(key) { return text }
        guard let former, let text = self.value(former) else { return nil }
        self.logger.notice(
            "a setting was given by its former name",
            metadata: ["former": "\(Self.variable(former))", "name": "\(Self.variable(key))"]
        )
        return text
    }

    mutating func integer(
        _ key: String,
        formerly former: String? = nil,
        in range: ClosedRange<Int>,
        default: Int
    ) -> Int {
        guard let text = self.text(key, formerly: former) else { return `default` }
        if let number = Int(text), range.contains(number) { return number }
        self.refuse(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        return `default`
    }

    mutating func boolean(_ key: String, default: Bool) -> Bool {
        switch self.text(key)?.lowercased() {
        case nil: return `default`
        case "true", "1", "yes", "on": return true
        case "false", "0", "no", "off": return false
        default:
            self.refuse(key, "must be true or false")
            return `default`
        }
    }

    /// An address without a slash at its end; one that was given with it loses it.
    mutating func url(_ key: String, formerly former: String? = nil, default: String?) -> String {
        guard let text = self.text(key, formerly: former) ?? `default` else {
            self.refuse(key, "is missing: set it to an address that starts with http:// or https://")
            return ""
        }
        let url = text.hasSuffix("/") ? String(text.dropLast()) : text
        let host = url.split(separator: "://", maxSplits: 1).last ?? ""
        let isAddress = ["http://", "https://"].contains(where: url.hasPrefix) && !host.isEmpty && !host.hasPrefix("/")
        if !isAddress || url.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) {
            self.refuse(key, "must be an address that starts with http:// or https://")
        }
        return url
    }

    /// Notes a fault; `reason` is what follows the variable's name in a sentence, without the period.
    mutating func refuse(_ key: String, _ reason: String) {
        self.faults.append(ConfigFailure(key: Self.variable(key), reason: reason))
    }

    /// - Throws: `ConfigFaults` when anything was wrong.
    func check() throws(ConfigFaults) {
        guard self.faults.isEmpty else { throw ConfigFaults(faults: self.faults) }
    }

    private func value(_ key: String) -> String? {
        let name = ConfigKey(key)
        // The environment has text only; what is configured in code may have numbers.
        let text =
            self.reader.string(forKey: name, isSecret: key.hasSuffix("secret"))
            ?? self.reader.int(forKey: name).map(String.init)
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The name of `key` as an environment variable.
    private static func variable(_ key: String) -> String {
        key.map { $0 == "." ? "_" : $0.uppercased() }.joined()
    }
}

/// All that is wrong with the settings of one process.
package struct ConfigFaults: Error, Equatable, CustomStringConvertible {
    package let faults: [ConfigFailure]

    /// One sentence for each fault.
    package var description: String {
        self.faults.map { "\($0.key) \($0.reason)." }.joined(separator: " ")
    }
}
