extension Array {
    /// Every order of the elements.
    var permutations: [[Element]] {
        guard self.count > 1 else { return [self] }
        return self.indices.flatMap { index in
            var rest = self
            let first = rest.remove(at: index)
            return rest.permutations.map { [first] + $0 }
        }
    }
}
