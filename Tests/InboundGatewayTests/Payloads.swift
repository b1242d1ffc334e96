/// Bodies as Meta writes them, reduced to what we read.
enum Payloads {
    /// One status for each of `ids`, of one number.
    static func statuses(_ ids: [String], status: String = "delivered", number: String) -> String {
        self.payload([
            self.change(number, "\"statuses\":[\(ids.map { self.status($0, status) }.joined(separator: ","))]")
        ])
    }

    /// One status for each number.
    static func statuses(ofNumbers numbers: [(number: String, id: String)]) -> String {
        self.payload(numbers.map { self.change($0.number, "\"statuses\":[\(self.status($0.id, "delivered"))]") })
    }

    static func message(_ id: String, text: String, number: String) -> String {
        self.payload([self.change(number, "\"messages\":[\(self.message(id, text))]")])
    }

    /// Messages that came together.
    static func messages(_ ids: [String], number: String) -> String {
        let messages = ids.map { self.message($0, "x") }.joined(separator: ",")
        return self.payload([self.change(number, "\"messages\":[\(messages)]")])
    }

    private static func message(_ id: String, _ text: String) -> String {
        #"{"id":"\#(id)","from":"14155550100","timestamp":"1700000000","type":"text","text":{"body":"\#(text)"}}"#
    }

    private static func status(_ id: String, _ status: String) -> String {
        #"{"id":"\#(id)","status":"\#(status)","timestamp":"1700000000","recipient_id":"14155550100"}"#
    }

    private static func change(_ number: String, _ rest: String) -> String {
        #"{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"\#(number)"},\#(rest)}}"#
    }

    private static func payload(_ changes: [String]) -> String {
        #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[\#(changes.joined(separator: ","))]}]}"#
    }
}
