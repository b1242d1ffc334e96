/// The entities of HTML that mails use.
enum HTMLEntities {
    /// The text with `&amp;`, `&#8364;` and `&#x20AC;` replaced; what is no entity stays as it is.
    static func replaced(in text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        var result = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let start = rest.firstIndex(of: "&") {
            result.append(contentsOf: rest[..<start])
            let body = rest[rest.index(after: start)...]
            let name = body.prefix { $0 != ";" && $0 != "&" && $0 != " " && $0 != "\n" }.prefix(Self.longest + 1)
            if name.count <= Self.longest, name.endIndex < rest.endIndex, rest[name.endIndex] == ";",
                let scalar = Self.scalar(String(name))
            {
                result.append(scalar)
                rest = rest[rest.index(after: name.endIndex)...]
            } else {
                result.append("&")
                rest = body
            }
        }
        result.append(contentsOf: rest)
        return String(result)
    }

    /// Scalars of the longest name here, and of the longest number of a scalar with some zeros before it.
    private static let longest = 10

    private static func scalar(_ name: String) -> Unicode.Scalar? {
        guard name.hasPrefix("#") else { return Self.named[name] }
        let digits = name.dropFirst()
        let isHex = digits.first == "x" || digits.first == "X"
        guard let number = UInt32(isHex ? digits.dropFirst() : digits, radix: isHex ? 16 : 10) else { return nil }
        // As browsers do: these numbers mean Windows' code page, and a control character means nothing.
        if (0x80...0x9F).contains(number) { return Self.windows[Int(number - 0x80)] }
        guard number >= 0x20 || number == 0x0A || number == 0x09 else { return "\u{FFFD}" }
        return Unicode.Scalar(number) ?? "\u{FFFD}"
    }

    private static let windows = Array(
        "€\u{FFFD}‚ƒ„…†‡ˆ‰Š‹Œ\u{FFFD}Ž\u{FFFD}\u{FFFD}‘’“”•–—˜™š›œ\u{FFFD}žŸ".unicodeScalars
    )

    /// Those of Latin-1 in the order of their numbers, from 160 on.
    private static let latin1 = """
        nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro \
        para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil \
        Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave \
        Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml \
        igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute \
        thorn yuml
        """.split(separator: " ")

    private static let others: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "hellip": "…", "mdash": "—", "ndash": "–",
        "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "sbquo": "‚", "bdquo": "„", "lsaquo": "‹",
        "rsaquo": "›", "bull": "•", "euro": "€", "trade": "™", "dagger": "†", "Dagger": "‡", "permil": "‰",
        "prime": "′", "Prime": "″", "larr": "←", "uarr": "↑", "rarr": "→", "darr": "↓", "harr": "↔", "minus": "−",
        "infin": "∞", "ne": "≠", "le": "≤", "ge": "≥", "asymp": "≈", "check": "✓", "starf": "★", "star": "☆",
        "OElig": "Œ", "oelig": "œ", "Scaron": "Š", "scaron": "š", "Yuml": "Ÿ", "fnof": "ƒ", "circ": "ˆ",
        "tilde": "˜", "ensp": "\u{2002}", "emsp": "\u{2003}", "thinsp": "\u{2009}", "zwnj": "\u{200C}",
        "zwj": "\u{200D}", "lrm": "\u{200E}", "rlm": "\u{200F}",
    ]

    private static let named: [String: Unicode.Scalar] = Self.others.merging(
        Self.latin1.enumerated().compactMap { offset, name in
            Unicode.Scalar(UInt32(160 + offset)).map { (String(name), $0) }
        }
    ) { first, _ in first }
}
