import Providers
import Shared
import Testing

struct TwilioInboundTests {
    @Test func `each kind of message says what a person reads`() throws {
        let cases = try #require(try JSONValue(parsing: Fixture.bytes("twilio/inbound.json")).array)
        #expect(cases.count == 27)
        for expected in cases {
            var told: JSONObject = ["key": "SM1", "id": "SM1", "kind": "text", "senders": ["phone +14155550100"]]
            for member in expected["told"]?.object?.members ?? [] { told[member.name] = member.value }
            let form = try FormParameters(parsing: (expected["form"]?.string ?? "").utf8)
            #expect(TwilioInbound.message(form)?.told == .object(told), "\(expected["case"]?.string ?? "")")
        }
    }

    @Test(arguments: [
        "", "Body=a", "MessageSid=SM1&Body=a", "From=%2B14155550100&Body=a", "MessageSid=&From=%2B14155550100",
        "MessageSid=SM1&From=", "MessageSid=SM1&From=a%00b",
    ])
    func `what has no id or no sender is no message`(_ form: String) throws {
        #expect(TwilioInbound.message(try FormParameters(parsing: form.utf8)) == nil)
    }

    @Test func `a JSON body says the same as a form`() throws {
        let json =
            #"{"MessageSid":"SM1","From":"+14155550100","Body":"hé","NumMedia":1,"MediaUrl0":"https://a","X":null}"#
        let message = TwilioInbound.message(try FormParameters(json: Array(json.utf8)))
        let form = FormParameters([
            ("MessageSid", "SM1"), ("From", "+14155550100"), ("Body", "hé"), ("NumMedia", "1"),
            ("MediaUrl0", "https://a"),
        ])
        #expect(message != nil)
        #expect(message == TwilioInbound.message(form))
    }

    @Test func `members of every kind become text`() throws {
        let form = try FormParameters(
            json: Array(#"{"s":"a","n":1.50,"b":true,"z":null,"l":[1,"x"],"o":{"k":1}}"#.utf8)
        )
        #expect(
            form
                == FormParameters([
                    ("s", "a"), ("n", "1.50"), ("b", "true"), ("z", ""), ("l", #"[1,"x"]"#), ("o", #"{"k":1}"#),
                ])
        )
    }

    @Test(arguments: [
        "", "[]", "7", "{", #"{"a":1,"a":2}"#,
        "{\((0...FormParameters.maximumPairs).map { "\"\($0)\":1" }.joined(separator: ","))}",
    ])
    func `what is no flat object is refused with a sentence`(_ json: String) {
        let failure = #expect(throws: WebhookFormatFailure.self) { try FormParameters(json: Array(json.utf8)) }
        #expect(failure?.detail.hasPrefix("The body") == true)
    }
}
