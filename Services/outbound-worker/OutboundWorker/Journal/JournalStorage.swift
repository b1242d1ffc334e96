/// Where a journal's bytes are kept.
package protocol JournalStorage: Sendable {
    /// Adds to the end.
    ///
    /// When it throws, any part of the bytes may be there, from the first one on; the journal then replaces all of it before
    /// it adds more. So too when the process dies meanwhile.
    func append(_ bytes: [UInt8]) throws

    /// Puts `bytes` in the place of all that is there, or throws and changes nothing.
    ///
    /// A process that dies meanwhile leaves the one or the other.
    func replace(with bytes: [UInt8]) throws
}
