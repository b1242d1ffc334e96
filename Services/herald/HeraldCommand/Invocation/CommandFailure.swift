/// Why a command did not do what it was asked.
enum CommandFailure: Error, Equatable {
    /// The arguments or the settings are wrong; the sentence says what to change.
    case usage(String)
    /// The API answered, and said no.
    case refused(Refusal)
    /// Whoever answered is not the API.
    case foreign(String)
    case unreachable(String)
    /// The awaited message ended, but not well; what became of it has been printed.
    case messageFailed
    /// Some of several messages were refused; which ones has been printed.
    case partlyRefused
    /// The audit trail is not as it was sealed; what is wrong has been printed.
    case trailBroken
    /// Settings are not usable; which ones has been printed.
    case settingsWrong
    /// The provider does not take the credentials, or could not be asked; what it said has been printed.
    case checkFailed
    /// The person who was asked did not say yes.
    case declined
    /// The time of `--wait` was over first; where the message stands has been printed.
    case unfinished

    /// The exit code of the process, which scripts rely on.
    var exitCode: Int32 {
        switch self {
        case .refused, .foreign, .messageFailed, .partlyRefused, .trailBroken, .settingsWrong, .checkFailed, .declined:
            1
        case .usage: 2
        case .unreachable: 3
        case .unfinished: 4
        }
    }

    /// What is written to standard error; nil when everything has been said.
    var message: String? {
        switch self {
        case .usage(let sentence), .foreign(let sentence), .unreachable(let sentence): "herald: \(sentence)\n"
        case .refused(let refusal): refusal.text
        case .declined: "herald: Nothing was done.\n"
        case .messageFailed, .partlyRefused, .trailBroken, .settingsWrong, .checkFailed, .unfinished: nil
        }
    }

    /// Whether the same call may go well a moment later.
    var mayPass: Bool {
        switch self {
        case .unreachable: true
        case .refused(let refusal): refusal.status == 429 || refusal.status >= 500
        case .usage, .foreign, .messageFailed, .partlyRefused, .trailBroken, .settingsWrong, .checkFailed, .declined,
            .unfinished:
            false
        }
    }
}
