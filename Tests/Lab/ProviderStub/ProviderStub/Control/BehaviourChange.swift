/// The body of `PUT /control/behaviours`.
struct BehaviourChange: Decodable {
    let match: BehaviourMatch
    let rule: BehaviourRule

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case match, behaviour, times, callbacks
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
        self.match = try container.decodeIfPresent(BehaviourMatch.self, forKey: .match) ?? BehaviourMatch()
        let times = try container.decodeIfPresent(Int.self, forKey: .times)
        guard times ?? 1 > 0 else {
            throw ControlFailure("times must be 1 or more; leave it out for a behaviour that stays")
        }
        self.rule = BehaviourRule(
            try container.decode(Behaviour.self, forKey: .behaviour),
            times: times,
            statuses: try container.decodeIfPresent([CallbackStatus].self, forKey: .callbacks)
        )
    }
}

extension BehaviourMatch: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case provider, to, account
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
        self.init(
            provider: try container.decodeIfPresent(StubProvider.self, forKey: .provider),
            to: try container.decodeIfPresent(String.self, forKey: .to),
            account: try container.decodeIfPresent(String.self, forKey: .account)
        )
    }
}

extension Behaviour: Decodable {
    private enum Kind: String, Decodable, CaseIterable {
        case accept, reject, throttle, hang, cut, slow, garbage
        case serverError = "server_error"
        case acceptThenCut = "accept_then_cut"
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, status, code, message, milliseconds
        case retryAfter = "retry_after"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .kind)
        guard let kind = Kind(rawValue: name) else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlFailure("unknown kind \(name); known are \(known)")
        }
        switch kind {
        case .accept: self = .accept
        case .hang: self = .hang
        case .cut: self = .cut
        case .acceptThenCut: self = .acceptThenCut
        case .garbage: self = .garbage
        case .reject:
            let code = try container.decode(Int.self, forKey: .code)
            self = .reject(
                status: try container.number(.status, default: 400, in: 400...599),
                code: code,
                message: try container.decodeIfPresent(String.self, forKey: .message) ?? "Rejected with code \(code)"
            )
        case .throttle:
            self = .throttle(retryAfter: try container.number(.retryAfter, default: 1, in: 0...86_400))
        case .serverError:
            self = .serverError(status: try container.number(.status, default: 503, in: 500...599))
        case .slow:
            let wait = try container.number(.milliseconds, default: 1000, in: 0...600_000)
            self = .slow(.milliseconds(wait))
        }
    }
}

extension KeyedDecodingContainer {
    /// A number within limits.
    fileprivate func number(_ key: Key, default standard: Int, in limits: ClosedRange<Int>) throws -> Int {
        let number = try self.decodeIfPresent(Int.self, forKey: key) ?? standard
        guard limits.contains(number) else {
            throw ControlFailure("\(key.stringValue) must be \(limits.lowerBound) to \(limits.upperBound)")
        }
        return number
    }
}
