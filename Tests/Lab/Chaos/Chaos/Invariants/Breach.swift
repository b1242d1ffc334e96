/// One thing that must always hold; the numbers are those of the list in this folder's README.
enum Invariant: Int, Sendable, CaseIterable, Comparable {
    case nothingLost = 1
    case nothingPhantom, statusesTrue, nothingDoubled, resendsExplained, oneMessageForAKey, inOrder, nothingOfOthers
    case inboundOnce, statusesComplete, attemptsCounted
    case withinCaps = 13
    case answersAsPromised, databaseSound, drained, noProcessEndedByItself

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// As it stands in the output.
    var name: String {
        switch self {
        case .nothingLost: "lost"
        case .nothingPhantom: "phantom"
        case .statusesTrue: "untrue status"
        case .nothingDoubled: "doubled"
        case .resendsExplained: "unexplained resend"
        case .oneMessageForAKey: "key answered twice"
        case .inOrder: "order inversion"
        case .nothingOfOthers: "cross-org"
        case .inboundOnce: "inbound lost or doubled"
        case .statusesComplete: "status behind its reports"
        case .attemptsCounted: "attempts miscounted"
        case .withinCaps: "process over its cap"
        case .answersAsPromised: "answer against the contract"
        case .databaseSound: "damage"
        case .drained: "stuck"
        case .noProcessEndedByItself: "process ended by itself"
        }
    }
}

/// What broke an invariant.
struct Breach: Sendable, Equatable {
    let invariant: Invariant
    /// The message, key or process concerned, and what is wrong with it where that is not plain.
    let subject: String

    init(_ invariant: Invariant, _ subject: String) {
        (self.invariant, self.subject) = (invariant, subject)
    }
}
