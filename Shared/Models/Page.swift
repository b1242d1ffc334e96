/// One page of a list, as every list route answers: `{"data": […], "next_cursor": "…"|null}`.
package struct Page<Element: Sendable>: Sendable {
    package let data: [Element]
    /// Passed back as `?cursor=`; nil on the last page.
    package let nextCursor: String?

    package init(data: [Element], nextCursor: String?) {
        self.data = data
        self.nextCursor = nextCursor
    }

    private enum CodingKeys: String, CodingKey {
        case data
        case nextCursor = "next_cursor"
    }
}

extension Page: Encodable where Element: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.data, forKey: .data)
        try container.encode(self.nextCursor, forKey: .nextCursor)
    }
}

extension Page: Decodable where Element: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.data = try container.decode([Element].self, forKey: .data)
        self.nextCursor = try container.decodeIfPresent(String.self, forKey: .nextCursor)
    }
}
