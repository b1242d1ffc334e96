import ArgumentParser

/// `sent,delivered` or `none`.
package struct StatusList: ExpressibleByArgument, Sendable {
    let statuses: [CallbackStatus]

    init(statuses: [CallbackStatus]) {
        self.statuses = statuses
    }

    package init?(argument: String) {
        guard argument != "none" else {
            self.statuses = []
            return
        }
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        let statuses = names.compactMap { CallbackStatus(rawValue: String($0)) }
        guard statuses.count == names.count else { return nil }
        self.statuses = statuses
    }

    package var defaultValueDescription: String {
        self.statuses.map(\.rawValue).joined(separator: ",")
    }
}

/// `250ms` or `2s`, up to ten minutes.
package struct Milliseconds: ExpressibleByArgument, Sendable {
    let duration: Duration

    init(duration: Duration) {
        self.duration = duration
    }

    package init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        switch argument.dropFirst(digits.count) {
        case "ms": self.duration = .milliseconds(number)
        case "s": self.duration = .seconds(number)
        default: return nil
        }
        guard self.duration <= .seconds(600) else { return nil }
    }

    package var defaultValueDescription: String {
        "\(self.duration.components.seconds * 1000)ms"
    }
}
