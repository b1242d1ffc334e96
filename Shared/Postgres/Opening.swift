/// A statement without rows that begins a transaction, or sets what holds in it.
enum Opening {
    /// Prepared once: its text is a literal in our sources.
    case kept(SQL)
    case once(String)

    var text: String {
        switch self {
        case .kept(let sql): sql.text
        case .once(let text): text
        }
    }
}
