import Shared
import Testing

@testable import MessagingService

/// What a template may say on each channel, and what fills it.
@Suite struct TemplateContentTests {
    @Test(
        "What is no template of its channel is named",
        arguments: [
            (Channel.sms, #"{"body":"Hi {{name}}"}"#, []),
            (.email, #"{"subject":"S","html":"<p>{{name}}</p>"}"#, []),
            (.push, #"{"subject":"S","body":"B"}"#, []), (.inapp, #"{"body":"B"}"#, []),
            (.webhook, #"{"body":"B"}"#, []), (.sandbox, #"{"body":"B","html":"H","subject":"S"}"#, []),
            (.sms, #"{}"#, ["/body"]), (.sms, #"{"body":"B","subject":"S"}"#, ["/subject"]),
            (.sms, #"{"body":"B","html":"H"}"#, ["/html"]), (.sms, #"{"body":""}"#, ["/body"]),
            (.email, #"{"subject":"S"}"#, ["/body"]), (.email, #"{"body":"B"}"#, ["/subject"]),
            (.email, #"{"subject":"a\nb","body":"B"}"#, ["/subject"]),
            (.push, #"{"body":"B","html":"H"}"#, ["/html"]), (.webhook, #"{"body":"B","subject":"S"}"#, ["/subject"]),
            (.sms, #"{"body":"{{#a}}{{/a}}"}"#, ["/body"]),
            (.email, #"{"subject":"{{","html":"{{>a}}"}"#, ["/subject", "/html"]),
            (.sms, #"{"body":"B","whatsapp":{"name":"a","components":[]}}"#, ["/whatsapp"]),
            (.sms, #"{"body":"B","variables":{"a":{"default":"x"}}}"#, ["/variables/a"]),
            (.sms, #"{"body":"{{a}}","variables":{"a":"x"}}"#, ["/variables/a"]),
            (.sms, #"{"body":"{{a}}","variables":{"a":{"default":["x"]}}}"#, ["/variables/a/default"]),
            (.sms, #"{"body":"{{a}}","variables":{"a":{"type":"text"}}}"#, ["/variables/a/type"]),
            (.sms, ##"{"body":"{{a}}","variables":{"a":{},"#b":{}}}"##, ["/variables"]),
            (.sms, #"{"body":"{{Name}}","variables":{"name":{},"Name":{}}}"#, ["/variables/name"]),
            (.sms, #"{"body":"B","text":"T"}"#, ["/text"]), (.whatsapp, #"{}"#, ["/whatsapp"]),
            (.whatsapp, #"{"body":"B"}"#, ["/body", "/whatsapp"]),
        ] as [(Channel, String, [String])]
    )
    func violations(channel: Channel, json: String, pointers: [String]) throws {
        var fields = JSONFields(try JSONValue(parsing: json), at: "")
        _ = TemplateContent(&fields, of: channel)
        let problem = Result { () throws(Problem) in try fields.finish() }
        let found: [String] =
            switch problem {
            case .success: []
            case .failure(let problem): problem.violations.map(\.pointer)
            }
        #expect(found == pointers)
    }

    @Test(
        "A text has its longest length, without what its variables add",
        arguments: [
            (Channel.sms, "body", 1600), (.push, "body", 4000), (.inapp, "body", 4000), (.email, "body", 100_000),
            (.webhook, "body", 100_000), (.email, "subject", 500), (.email, "html", 200_000),
        ]
    )
    func lengths(channel: Channel, part: String, most: Int) throws {
        func isTaken(_ count: Int) throws -> Bool {
            var parts: JSONObject = ["body": "B"]
            if channel == .email { parts["subject"] = "S" }
            parts[part] = .string(String(repeating: "x", count: count))
            var fields = JSONFields(.object(parts), at: "")
            _ = TemplateContent(&fields, of: channel)
            return fields.violations.isEmpty
        }
        #expect(try isTaken(most))
        #expect(try !isTaken(most + 1))
    }

    @Test(
        "A value comes from the message, from the customer, or from the default",
        arguments: [
            ("{{order}}", #"{"order":{}}"#, ["order": "7"], [:], "7"),
            ("{{order}}", #"{"order":{"default":"none"}}"#, [:], [:], "none"),
            ("{{order}}", #"{"order":{"default":17}}"#, [:], [:], "17"),
            // What is declared is the message's to give, whatever the customer has.
            ("{{order}}", #"{"order":{"default":"none"}}"#, [:], ["order": "9"], "none"),
            ("{{tier}}", #"{}"#, [:], ["tier": "gold"], "gold"),
            ("{{tier}}", #"{}"#, ["tier": "silver"], ["tier": "gold"], "silver"),
            ("{{first_name}}", #"{"first_name":{"default":"friend"}}"#, [:], ["first_name": "Ann"], "Ann"),
            ("{{first_name}}", #"{"first_name":{"default":"friend"}}"#, [:], [:], "friend"),
            (
                "{{FirstName}}", #"{"FirstName":{"default":"friend"}}"#, ["FirstName": "Bob"], ["first_name": "Ann"],
                "Bob"
            ),
            ("{{Name}}", #"{}"#, ["name": "Bob"], [:], "Bob"), ("{{name}}", #"{}"#, ["Name": "Bob"], [:], "Bob"),
            ("{{name}}", #"{}"#, ["Name": "Bob", "name": "Ann"], [:], "Ann"),
            ("{{a}}x", #"{"a":{}}"#, ["a": ""], [:], "x"),
        ] as [(String, String, [String: String], [String: String], String)]
    )
    func values(
        body: String,
        variables: String,
        parameters: [String: String],
        known: [String: String],
        text: String
    ) throws {
        let filling = try TemplateFilling(try self.template(body, variables), self.reference(parameters))
        #expect(try filling.content(for: known.filter { filling.wanted.contains($0.key) }).body == text)
    }

    @Test(
        "What is missing or unknown is named",
        arguments: [
            ("{{order}}", #"{"order":{}}"#, [:], "parameters/order", "is required by the template"),
            ("{{order}}", #"{"order":{"default":null}}"#, [:], "parameters/order", "is required by the template"),
            ("{{tier}}", #"{}"#, [:], "parameters/tier", "neither given nor known"),
            ("{{name}}", #"{}"#, [:], "parameters/name", "neither given nor known"),
            ("{{1}}", #"{}"#, [:], "parameters/1", "is required by the template"),
            ("B", #"{}"#, ["x": "1"], "parameters/x", "is no variable"),
            ("B", #"{}"#, ["a/b~c": "1"], "parameters/a~1b~0c", "is no variable"),
            ("{{a}}", #"{"a":{}}"#, ["a": ""], "parameters", "body becomes empty"),
            (
                "{{a}}", #"{"a":{}}"#, ["a": String(repeating: "x", count: 1601)], "parameters",
                "at most 1600 characters"
            ),
            (
                "{{a}}{{a}}", #"{"a":{}}"#, ["a": String(repeating: "x", count: 60_000)], "parameters",
                "longer than 100000 characters"
            ),
        ] as [(String, String, [String: String], String, String)]
    )
    func missing(
        body: String,
        variables: String,
        parameters: [String: String],
        field: String,
        hint: String
    ) throws {
        let template = try self.template(body, variables)
        let reference = self.reference(parameters)
        let error = #expect(throws: ContentRules.Violations.self) {
            try TemplateFilling(template, reference).content(for: [:])
        }
        #expect(error?.all.count == 1)
        #expect(error?.all.first?.field == field)
        #expect(error?.all.first?.detail.contains(hint) == true, "\(error?.all.first?.detail ?? "")")
    }

    @Test func onlyWhatNobodyElseGivesIsAskedOfTheCustomer() throws {
        let variables = #"{"order":{},"colour":{"default":"red"},"first_name":{"default":"friend"}}"#
        let template = try self.template("{{order}} {{colour}} {{first_name}} {{tier}} {{city}}", variables)
        let filling = try TemplateFilling(template, self.reference(["order": "1", "city": "Rome"]))
        #expect(filling.wanted == ["first_name", "tier"])
    }

    private func template(_ body: String, _ variables: String) throws -> StoredTemplate {
        let parts = try JSONValue(parsing: #"{"variables":\#(variables)}"#).object
        var all: JSONObject = ["body": .string(body)]
        all["variables"] = parts?["variables"]
        return StoredTemplate(
            version: 3,
            code: "t",
            channel: .sms,
            language: "en",
            content: try TemplateContent(stored: all, of: .sms)
        )
    }

    private func reference(_ parameters: [String: String]) -> TemplateReference {
        TemplateReference(code: "t", language: nil, parameters: parameters, components: nil)
    }
}
