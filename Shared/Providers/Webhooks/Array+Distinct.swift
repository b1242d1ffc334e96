import Shared

extension [Address?] {
    /// Those that are there, each once, in their order.
    var distinct: [Address] {
        self.compactMap(\.self).reduce(into: []) { addresses, address in
            if !addresses.contains(address) { addresses.append(address) }
        }
    }
}
