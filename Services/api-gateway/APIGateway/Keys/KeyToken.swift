package import Shared

/// An API key as its holder writes it: `hk_<live|test>_<id>_<secret><checksum>`.
///
/// - `id`: the key's UUID as 32 lower-case hexadecimal digits.
/// - `secret`: 43 characters of base62, 256 random bits.
/// - `checksum`: the CRC-32 of everything before it, as 6 characters of base62: a mistyped or invented key is told apart
///   without asking the database, and scanners for leaked secrets can tell a key from noise.
package struct KeyToken: Sendable, Equatable {
    static let secretCharacters = 43
    static let checksumCharacters = 6
    private static let base62 = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let prefixes: [(mode: KeyMode, text: String)] = [(.live, "hk_live_"), (.test, "hk_test_")]
    /// `hk_live_`, 32, `_`, 43 and 6.
    private static let length = 8 + 32 + 1 + Self.secretCharacters + Self.checksumCharacters

    package let mode: KeyMode
    package let id: APIKeyID
    private let secret: String

    /// A new key's text.
    package static func make(_ id: APIKeyID, mode: KeyMode) -> Self {
        var random = SystemRandomNumberGenerator()
        let secret = (0..<Self.secretCharacters).map { _ in Self.base62[Int.random(in: 0..<62, using: &random)] }
        return Self(mode: mode, id: id, secret: String(decoding: secret, as: UTF8.self))
    }

    private init(mode: KeyMode, id: APIKeyID, secret: String) {
        self.mode = mode
        self.id = id
        self.secret = secret
    }

    /// Nil for what is no key, whatever the reason.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.length, let prefix = Self.prefixes.first(where: { text.hasPrefix($0.text) }),
            bytes[40] == UInt8(ascii: "_"),
            let id = Self.id(fromHexadecimal: bytes[8..<40])
        else { return nil }
        let signed = bytes.dropLast(Self.checksumCharacters)
        guard bytes.suffix(Self.checksumCharacters).elementsEqual(Self.checksum(of: signed)) else { return nil }
        let secret = bytes[41..<(41 + Self.secretCharacters)]
        guard secret.allSatisfy(Self.base62.contains) else { return nil }
        self.init(mode: prefix.mode, id: id, secret: String(decoding: secret, as: UTF8.self))
    }

    /// What its holder is shown, once.
    package var text: String {
        self.signed + String(decoding: Self.checksum(of: Array(self.signed.utf8)), as: UTF8.self)
    }

    /// What the stored MAC is over: mode and id too, so that no row's MAC fits another row.
    var signed: String {
        "hk_\(self.mode.rawValue)_\(self.id.description.replacing("-", with: ""))_\(self.secret)"
    }

    private static func checksum(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var rest = CRC32.checksum(of: bytes)
        var digits: [UInt8] = []
        for _ in 0..<Self.checksumCharacters {
            digits.append(Self.base62[Int(rest % 62)])
            rest /= 62
        }
        return digits.reversed()
    }

    private static func id(fromHexadecimal digits: ArraySlice<UInt8>) -> APIKeyID? {
        var dashed: [UInt8] = []
        for (index, digit) in digits.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 { dashed.append(UInt8(ascii: "-")) }
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): dashed.append(digit)
            default: return nil
            }
        }
        return APIKeyID(String(decoding: dashed, as: UTF8.self))
    }
}
