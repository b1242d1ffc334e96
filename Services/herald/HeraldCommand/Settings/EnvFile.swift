import Foundation

/// `.herald/env`: assignments as a shell reads them, written by `deploy/up`.
struct EnvFile: Sendable, Equatable {
    static let path = ".herald/env"

    let values: [String: String]

    /// The nearest file, in `directory` or one above it; nil when there is none.
    ///
    /// - Throws: `CommandFailure` when it is there and can not be read.
    static func nearest(to directory: String) throws(CommandFailure) -> EnvFile? {
        var directory = URL(filePath: directory).standardizedFileURL
        while true {
            let file = directory.appending(path: Self.path)
            if FileManager.default.fileExists(atPath: file.path) {
                guard let text = try? String(contentsOf: file, encoding: .utf8) else {
                    throw .usage("\(file.path) can not be read; set API_URL and API_KEY in the environment instead.")
                }
                return EnvFile(text)
            }
            let parent = directory.deletingLastPathComponent().standardizedFileURL
            guard parent.path != directory.path else { return nil }
            directory = parent
        }
    }

    /// Reads `NAME=value` lines; what is no assignment is passed over, as a comment is.
    init(_ text: String) {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            var rest = line.drop(while: \.isWhitespace)
            if rest.hasPrefix("export ") { rest = rest.dropFirst("export ".count).drop(while: \.isWhitespace) }
            guard let equals = rest.firstIndex(of: "=") else { continue }
            let name = rest[..<equals]
            guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
                continue
            }
            values[String(name)] = Self.word(rest[rest.index(after: equals)...])
        }
        self.values = values
    }

    /// The first word, without its quotes and backslashes; nothing is expanded.
    private static func word(_ text: Substring) -> String {
        var word = ""
        var quote: Character?
        var isEscaped = false
        for character in text {
            switch (quote, character) {
            case _ where isEscaped:
                // Within double quotes a backslash stays, but before what it can protect there.
                if quote == "\"", !"\"\\$`".contains(character) { word.append("\\") }
                word.append(character)
                isEscaped = false
            case (nil, "\\"), ("\"", "\\"): isEscaped = true
            case (nil, "'"), (nil, "\""): quote = character
            case (let open?, _) where open == character: quote = nil
            case (nil, _) where character.isWhitespace: return word
            default: word.append(character)
            }
        }
        return word
    }
}
