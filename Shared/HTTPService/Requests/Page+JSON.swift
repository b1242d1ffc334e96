package import Shared

extension Page<JSONValue> {
    /// As every list route answers.
    package var json: JSONValue {
        ["data": .array(self.data), "next_cursor": .text(self.nextCursor)]
    }
}
