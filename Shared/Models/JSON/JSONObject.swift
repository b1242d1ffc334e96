/// The members of a JSON object in their order, each name once.
package struct JSONObject: Sendable {
    package struct Member: Sendable, Equatable {
        package let name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    package private(set) var members: [Member]

    package init() {
        self.members = []
    }

    /// Takes members whose names are known to differ.
    package init(distinct members: [Member]) {
        self.members = members
    }

    package var isEmpty: Bool { self.members.isEmpty }
    package var count: Int { self.members.count }
    package var names: [String] { self.members.map(\.name) }

    /// Nil where there is no such member; setting nil removes it.
    ///
    /// Looks from the first to the last: objects are small, and what reads many names reads `members`.
    package subscript(name: String) -> JSONValue? {
        get { self.index(of: name).map { self.members[$0].value } }
        set {
            switch (self.index(of: name), newValue) {
            case (let index?, let value?): self.members[index].value = value
            case (let index?, nil): self.members.remove(at: index)
            case (nil, let value?): self.members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    func index(of name: String) -> Int? {
        self.members.firstIndex { $0.name == name }
    }
}

extension JSONObject: Equatable {
    /// The order of members does not count, as JSON says.
    package static func == (left: Self, right: Self) -> Bool {
        guard left.members.count == right.members.count else { return false }
        if left.members == right.members { return true }
        return left.sorted == right.sorted
    }

    private var sorted: [Member] { self.members.sorted { $0.name < $1.name } }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (name, value) in elements { self[name] = value }
    }
}
