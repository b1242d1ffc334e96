import Foundation

/// Reads text in the charsets that mails name; bytes that mean nothing become U+FFFD, and the rest stays.
enum Charset {
    /// Names are those of the IANA registry in either case; nil and unknown ones are read as UTF-8.
    static func text(_ bytes: ArraySlice<UInt8>, in charset: String?) -> String {
        guard let encoding = charset.flatMap(Self.encoding) else { return String(decoding: bytes, as: UTF8.self) }
        if let text = Self.read(bytes, encoding) { return text }
        // Foundation reads all or nothing: what is wrong in one line costs no other. No encoding here has LF within a character.
        return bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { Self.read($0, encoding) ?? String(decoding: $0, as: UTF8.self) }
            .joined(separator: "\n")
    }

    private static func read(_ bytes: ArraySlice<UInt8>, _ encoding: String.Encoding) -> String? {
        if encoding == .windowsCP1252 { return Self.windows1252(bytes) }
        return String(bytes: bytes, encoding: encoding)
    }

    /// Nil for UTF-8, of which ASCII is a part, and for what Foundation does not read.
    ///
    /// UTF-16 is no charset of text in mail.
    private static func encoding(_ charset: String) -> String.Encoding? {
        let name = charset.lowercased().replacing("_", with: "-")
        // As browsers do: mails that say Latin-1 mean the table that has quotation marks and the euro as well.
        if ["iso-8859-1", "iso8859-1", "latin1", "latin-1", "cp1252", "windows-1252"].contains(name) {
            return .windowsCP1252
        }
        return Self.coreFoundation(name).map { String.Encoding(rawValue: 0x8000_0000 | $0) }
    }

    /// The numbers of Core Foundation's `CFStringEncodings`, of which Foundation names a few only.
    private static func coreFoundation(_ name: String) -> UInt? {
        if name.hasPrefix("iso-8859-"), let part = UInt(name.dropFirst("iso-8859-".count)), (2...16).contains(part) {
            return 0x200 + part
        }
        return switch name {
        case "windows-1250", "cp1250": 0x501
        case "windows-1251", "cp1251": 0x502
        case "windows-1253", "cp1253": 0x503
        case "windows-1254", "cp1254": 0x504
        case "windows-1255", "cp1255": 0x505
        case "windows-1256", "cp1256": 0x506
        case "windows-1257", "cp1257": 0x507
        case "windows-1258", "cp1258": 0x508
        case "koi8-r": 0xA02
        case "koi8-u": 0xA08
        case "shift-jis", "sjis": 0xA01
        case "iso-2022-jp": 0x820
        case "euc-kr", "ks-c-5601-1987": 0x422
        case "big5": 0xA03
        // Each is a part of the last.
        case "gb2312", "gbk", "gb18030": 0x632
        default: nil
        }
    }

    /// By a table of our own: Foundation refuses the five bytes that have no character, which mails do have.
    private static func windows1252(_ bytes: ArraySlice<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes {
            text.append((0x80...0x9F).contains(byte) ? Self.highCharacters[Int(byte) - 0x80] : Unicode.Scalar(byte))
        }
        return String(text)
    }

    /// Those of 0x80 to 0x9F.
    private static let highCharacters = Array(
        "€\u{FFFD}‚ƒ„…†‡ˆ‰Š‹Œ\u{FFFD}Ž\u{FFFD}\u{FFFD}‘’“”•–—˜™š›œ\u{FFFD}žŸ".unicodeScalars
    )
}
