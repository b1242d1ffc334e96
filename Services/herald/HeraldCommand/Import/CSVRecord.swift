/// One record of a CSV file.
struct CSVRecord: Sendable, Equatable {
    /// Of its beginning, from 1; a record may go over several lines.
    let line: Int
    let content: Content

    enum Content: Sendable, Equatable {
        case cells([String])
        /// A sentence without its subject.
        case broken(String)
    }
}
