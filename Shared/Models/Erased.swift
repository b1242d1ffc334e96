/// What stands in the place of what was erased.
package enum Erased {
    /// For what must have a text: an address, a number.
    package static let text = "erased"
    /// What the hash begins with of something that has to be recognised.
    package static let prefix = "erased:"
}
