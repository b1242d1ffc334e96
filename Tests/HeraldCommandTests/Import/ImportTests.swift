import Foundation
import Shared
import Testing

@testable import HeraldCommand

@Suite(.timeLimit(.minutes(5))) struct ImportTests {
    /// Takes everything, as the API does.
    private static func accept(_ request: FakeRequest) -> FakeAnswer {
        let customers = (try? JSONValue(parsing: request.body))?["customers"]?.array ?? []
        let results = customers.indices.map { #"{"index":\#($0),"id":"c\#($0)","status":201,"error":null}"# }
        return FakeAnswer(status: 207, body: #"{"data":[\#(results.joined(separator: ","))]}"#)
    }

    private static func customers(_ api: FakeAPI) throws -> [JSONValue] {
        try api.requests.flatMap { try JSONValue(parsing: $0.body)["customers"]?.array ?? [] }
    }

    @Test(arguments: [",", ";", "\t"]) func aLineBecomesACustomer(delimiter: String) async throws {
        let api = try FakeAPI(Self.accept)
        let directory = try TemporaryDirectory()
        let text = """
            \u{FEFF}First Name,surname,Mobile,E-Mail,WhatsApp,external_id,language,time zone,guest,Groups,fields.Tier,sms_marketing,email-transactional,notes
            Ann,Lee,+1 415 555 0100,ann@example.com,491711234567,7,de,Europe/Berlin,no,vip|news,gold,opted_in,no,x
            """.replacing(",", with: delimiter)
        let path = try directory.write(text.replacing("\n", with: "\r\n"), to: "a.csv")
        let ran = await herald(
            ["customers", "import", path, "--group", "spring", "--map", "notes=ignore", "--json"],
            at: api
        )
        #expect(ran.code == 0, "\(ran.errors)")
        #expect(api.requests.map(\.target) == ["/api/v1/customers/batch"])
        #expect(
            try Self.customers(api).map(\.text) == [
                #"{"first_name":"Ann","language":"de","timezone":"Europe/Berlin","guest":false,"name":"Ann Lee","#
                    + #""identities":[{"kind":"phone","value":"+1 415 555 0100"},{"kind":"email","value":"ann@example.com"},"#
                    + #"{"kind":"whatsapp","value":"491711234567"},{"kind":"external","value":"7"}],"fields":{"Tier":"gold"},"#
                    + #""groups":["news","spring","vip"],"consents":[{"channel":"sms","purpose":"marketing","#
                    + #""status":"opted_in","source":"import"},{"channel":"email","purpose":"transactional","#
                    + #""status":"opted_out","source":"import"}]}"#
            ]
        )
        #expect(
            ran.output
                == #"{"records":1,"created":1,"updated":0,"refused":0,"kept_opt_outs":0,"dry_run":false}"# + "\n"
        )
    }

    @Test func anEmptyCellSaysNothing() async throws {
        let api = try FakeAPI(Self.accept)
        let directory = try TemporaryDirectory()
        let path = try directory.write("name,email,phone,fields.a\n , a@b.c ,,\n", to: "a.csv")
        _ = await herald(["customers", "import", path], at: api)
        #expect(try Self.customers(api).map(\.text) == [#"{"identities":[{"kind":"email","value":"a@b.c"}]}"#])
    }

    @Test(arguments: [
        ("emial,Notes\n", [], "emial, Notes"), ("email,email2\n", ["--map", "email2=adress"], "email2 (of --map)"),
        ("email\n", ["--map", "phone=phone"], "--map names the column phone, which the file does not have"),
        ("email,a\n", ["--map", "a=name", "--map", "a=ignore"], "a twice"),
        ("email,name,full_name\n", [], "another column says the same as full_name"),
        ("name,language\n", [], "needs a column phone, email, whatsapp or external_id"), ("", [], "the file is empty"),
        ("email,\n", [], "(empty)"), ("email,fax_marketing\n", [], "fax_marketing"), ("\"email\n", [], "never closed"),
    ])
    func columnsThatAreWrongAreNamedBeforeAnythingIsSent(
        text: String,
        options: [String],
        reason: String
    ) async throws {
        let api = try FakeAPI(Self.accept)
        let directory = try TemporaryDirectory()
        let path = try directory.write(text + "a@b.c,x,y\n".prefix(text.isEmpty ? 0 : 10), to: "a.csv")
        let ran = await herald(["customers", "import", path] + options, at: api)
        #expect(ran.code == 2)
        #expect(ran.errors.contains(reason), "\(ran.errors)")
        #expect(api.requests.isEmpty)
    }

    @Test func aFileThatIsNotThereIsNamed() async throws {
        let api = try FakeAPI(Self.accept)
        let ran = await herald(["customers", "import", "/nowhere/a.csv"], at: api)
        #expect(ran.code == 2)
        #expect(ran.errors.contains("/nowhere/a.csv can not be read"))
    }

    /// 10,000 lines, 1 % of them bad in one way or another: the good ones go in, the bad ones are listed.
    @Test func aHundredthOfBadLinesStopsNoOther() async throws {
        let api = try FakeAPI { request in
            let customers = (try? JSONValue(parsing: request.body))?["customers"]?.array ?? []
            let results = customers.enumerated().map { index, customer in
                guard customer["identities"]?[0]?["value"]?.string?.hasPrefix("bad") ?? false else {
                    return #"{"index":\#(index),"id":"c","status":200,"error":null}"#
                }
                return #"{"index":\#(index),"id":null,"status":422,"error":{"title":"x","violations":[{"pointer":"#
                    + #""/customers/\#(index)/identities/0/value","detail":"must be an email address"}]}}"#
            }
            return FakeAnswer(status: 207, body: #"{"data":[\#(results.joined(separator: ","))]}"#)
        }
        var text = "E-Mail,name,sms_marketing\n"
        var expected = ["line,column,reason"]
        for line in 2...10_001 {
            switch line % 400 {
            case 0:
                text += "c\(line)@example.com,\"two\n"
                // The quotation mark is closed by the next line's, which belongs to the record.
                text += "lines\",maybe\n"
            case 100: text += "bad\(line),x,\n"
            case 200: text += ",x,\n"
            case 300: text += "c\(line)@example.com,x\n"
            default: text += "c\(line)@example.com,\"Lee, \"\"Ann\"\"\",opted_in\n"
            }
        }
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "a.csv")
        let report = directory.path + "/refused.csv"
        let ran = await herald(["customers", "import", path, "--report", report, "--json"], at: api)
        #expect(ran.code == 1, "\(ran.errors)")
        let summary = try JSONValue(parsing: ran.output)
        #expect(summary["records"]?.int == 10_000)
        #expect(summary["refused"]?.int == 100)
        #expect(summary["updated"]?.int == 9_900)
        #expect(api.requests.count == 10)
        // The physical lines: each of the records above had one line more.
        var physical = 2
        for line in 2...10_001 {
            switch line % 400 {
            case 0: expected.append("\(physical),sms_marketing,must be opted_in or opted_out")
            case 100: expected.append("\(physical),E-Mail,must be an email address")
            case 200: expected.append("\(physical),,\"has no phone, email, whatsapp or external_id\"")
            case 300: expected.append("\(physical),,\"has 2 cells, and not 3\"")
            default: break
            }
            physical += line % 400 == 0 ? 2 : 1
        }
        let lines = try String(contentsOfFile: report, encoding: .utf8).components(separatedBy: "\r\n").dropLast()
        #expect(Array(lines) == expected)
    }

    /// Whoever opens the report in a spreadsheet must not run what somebody called a column.
    @Test(arguments: ["+1", "@SUM(A1)"]) func aReportHasNoFormula(column: String) async throws {
        let api = try FakeAPI(Self.accept)
        let directory = try TemporaryDirectory()
        let path = try directory.write("email,\(column)\nann@example.com,maybe\n", to: "a.csv")
        let report = directory.path + "/refused.csv"
        let ran = await herald(
            ["customers", "import", path, "--map", "\(column)=sms_marketing", "--report", report],
            at: api
        )
        #expect(ran.code == 1, "\(ran.errors)")
        let lines = try String(contentsOfFile: report, encoding: .utf8).components(separatedBy: "\r\n")
        #expect(lines.dropFirst().first == "2,'\(column),must be opted_in or opted_out")
    }

    @Test func withoutAReportTheFirstBadLinesAreShown() async throws {
        let api = try FakeAPI(Self.accept)
        let directory = try TemporaryDirectory()
        let path = try directory.write("email,name\n" + String(repeating: ",x\n", count: 30), to: "a.csv")
        let ran = await herald(["customers", "import", path], at: api)
        #expect(ran.code == 1)
        #expect(ran.errors.contains("herald: line 2: has no phone, email, whatsapp or external_id\n"))
        #expect(ran.errors.components(separatedBy: "has no phone").count == 21)
        #expect(ran.errors.contains("30 of 30 records were refused; --report FILE lists them all"))
        #expect(api.requests.isEmpty)
    }

    @Test func aDryRunSendsNothing() async throws {
        let api = try FakeAPI(Self.accept)
        let directory = try TemporaryDirectory()
        let path = try directory.write("email\na@b.c\n\nx,y\n", to: "a.csv")
        let ran = await herald(["customers", "import", path, "--dry-run", "--json"], at: api)
        #expect(ran.code == 1)
        #expect(ran.output.contains(#""records":2,"created":0,"updated":0,"refused":1"#))
        #expect(ran.output.contains(#""dry_run":true"#))
        #expect(api.requests.isEmpty)
    }

    @Test func whatPassesIsTriedAgainAndWhatDoesNotStopsWithItsReason() async throws {
        let unavailable = FakeAnswer(
            status: 503,
            body: #"{"title":"Try again in a moment.","status":503,"code":"unavailable"}"#
        )
        let taken = FakeAnswer(status: 207, body: #"{"data":[{"index":0,"id":"c","status":201,"error":null}]}"#)
        let directory = try TemporaryDirectory()
        let path = try directory.write("email\na@b.c\n", to: "a.csv")
        let passing = try FakeAPI(answers: [unavailable, nil, unavailable, taken])
        #expect(await herald(["customers", "import", path], at: passing).code == 0)
        #expect(passing.requests.count == 4)
        let down = try FakeAPI(answers: [unavailable])
        let ran = await herald(["customers", "import", path], at: down)
        #expect(ran.code == 1)
        #expect(down.requests.count == ImportRun.pauses.count + 1)
        #expect(ran.errors.contains("stopped after 0 records; the same command again is safe"))
        let forbidden = try FakeAPI(answers: [FakeAnswer(status: 403, body: #"{"title":"No.","status":403}"#)])
        #expect(await herald(["customers", "import", path], at: forbidden).code == 1)
        #expect(forbidden.requests.count == 1)
    }

    @Test func aTerminalSeesHowFarItIs() async throws {
        let api = try FakeAPI(Self.accept)
        let directory = try TemporaryDirectory()
        let text = "email\n" + (0..<1500).map { "c\($0)@example.com\n" }.joined()
        let path = try directory.write(text, to: "a.csv")
        let ran = await herald(["customers", "import", path], at: api, device: .terminal)
        #expect(ran.errors.contains("\rherald: import: 1000 records (100 %), 0 refused "))
        #expect(ran.errors.contains("\rherald: import: 1500 records (100 %), 0 refused "))
        #expect(ran.output.contains("created        1500"))
        #expect(api.requests.count == 2)
    }
}
