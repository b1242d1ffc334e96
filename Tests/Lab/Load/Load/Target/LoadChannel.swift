import ArgumentParser

/// The channels that load can write messages for.
enum LoadChannel: String, CaseIterable, ExpressibleByArgument, Encodable {
    case sandbox, sms, whatsapp, email

    /// Different recipients for different numbers; none of the sandbox's magic ones, all of which it delivers.
    func recipient(_ number: Int) -> String {
        switch self {
        case .email: "load-\(number)@example.com"
        // 15 digits, the most there are: longer than any German number, so that it belongs to nobody.
        case .sandbox, .sms, .whatsapp: "+49150" + String(1_000_000_000 + number)
        }
    }
}
