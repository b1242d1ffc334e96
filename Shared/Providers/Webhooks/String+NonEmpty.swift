extension String {
    /// Nil for the empty text, which providers write for what is absent.
    var nonEmpty: String? { self.isEmpty ? nil : self }
}
