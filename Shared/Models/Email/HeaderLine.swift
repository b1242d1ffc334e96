/// Text that stands in one line of a mail's header.
package enum HeaderLine {
    /// What `isSafe` asks for, as a sentence without its subject.
    package static let rule = "must not contain line breaks or control characters"

    /// Whether the text has nothing that ends a line or a string somewhere: no control character, no Unicode line break.
    package static func isSafe(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value != 0x2028
                && scalar.value != 0x2029
        }
    }
}
