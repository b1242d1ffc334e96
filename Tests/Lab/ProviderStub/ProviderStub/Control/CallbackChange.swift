/// The body of `PUT /control/callbacks`; what is left out stays as it is.
struct CallbackChange: Decodable {
    let statuses: [CallbackStatus]?
    let delayMilliseconds: Int?
    let failureCode: Int?
    let isEnabled: Bool?

    /// As long as the longest wait of any test.
    private static let limitMilliseconds = 600_000

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case statuses, enabled
        case delayMilliseconds = "delay_ms"
        case failureCode = "error_code"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
        self.statuses = try container.decodeIfPresent([CallbackStatus].self, forKey: .statuses)
        self.delayMilliseconds = try container.decodeIfPresent(Int.self, forKey: .delayMilliseconds)
        self.failureCode = try container.decodeIfPresent(Int.self, forKey: .failureCode)
        self.isEnabled = try container.decodeIfPresent(Bool.self, forKey: .enabled)
        guard (0...Self.limitMilliseconds).contains(self.delayMilliseconds ?? 0) else {
            throw ControlFailure("delay_ms must be 0 to \(Self.limitMilliseconds)")
        }
    }

    func apply(to settings: inout CallbackSettings) {
        settings.statuses = self.statuses ?? settings.statuses
        settings.delay = self.delayMilliseconds.map { .milliseconds($0) } ?? settings.delay
        settings.failureCode = self.failureCode ?? settings.failureCode
        settings.isEnabled = self.isEnabled ?? settings.isEnabled
    }
}
