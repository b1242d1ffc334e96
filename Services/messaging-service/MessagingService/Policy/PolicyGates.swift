import InternalAPI
import Shared

/// The gates of policy as a dry run shows them.
struct PolicyGates: Sendable {
    struct Gate: Sendable, Equatable {
        let name: String
        let verdict: String
        let detail: String?
    }

    let gates: [Gate]
    /// Why the message would be skipped; nil when it would not.
    let block: ProviderError?

    init(_ verdict: CustomerAPI.PolicyVerdict, isVerified: Bool) {
        var (consent, cap, hours) = (Gate("consent"), Gate("cap"), Gate("quiet-hours"))
        var error: ProviderError?
        switch verdict {
        case .allowed: break
        case .waits(let time): hours = Gate(name: hours.name, verdict: "wait", detail: "until \(time)")
        case .blocked(let block):
            let reason = ProviderError(block)
            error = reason
            switch block {
            case .capped: cap = Gate(name: cap.name, verdict: "block", detail: reason.detail)
            case .suppressed, .optedOut, .notOptedIn:
                consent = Gate(name: consent.name, verdict: "block", detail: reason.detail)
            }
        }
        let notVerified = isVerified ? nil : ProviderError.notVerified
        let verification = Gate(
            name: "verification",
            verdict: isVerified ? "pass" : "block",
            detail: notVerified?.detail
        )
        self.gates = [verification, consent, cap, hours]
        self.block = notVerified ?? error
    }
}

extension PolicyGates.Gate {
    /// One that lets the message pass.
    fileprivate init(_ name: String) {
        self.init(name: name, verdict: "pass", detail: nil)
    }
}
