import Providers
import Shared
import Testing

struct InboundParseTests {
    private func event(_ body: [UInt8]) throws -> WebhookEvent {
        try InboundParse.event(body, contentType: MultipartBody.contentType)
    }

    private func message(_ fields: [(name: String, text: String)]) throws -> InboundMessage? {
        try self.event(MultipartBody.bytes(fields)).message
    }

    @Test func `a mail becomes a message`() throws {
        let headers = """
            Received: by mx0047p1mdw1.sendgrid.net with SMTP id 6WCVv7KAWn\r
            In-Reply-To: \r
             <01993c5e@example.com>\r
            MESSAGE-ID:\t<CAF+1@mail.example.com>\r
            Message-ID: <second@example.com>\r

            """
        let body = MultipartBody.bytes([
            ("headers", headers), ("dkim", "{@example.com : pass}"), ("to", "Shop <shop@parse.example.org>"),
            ("from", "\"Lee, Ann\" <Ann@Example.com>"), ("cc", "bob@example.com"), ("subject", "Ré: 😀"),
            ("text", "Hé\r\nllo"),
            ("html", "<p>Hé</p>"), ("sender_ip", "1.2.3.4"),
            ("envelope", #"{"to":["shop@parse.example.org"],"from":"bounce@x.com"}"#),
            ("charsets", #"{"to":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"utf-8","html":"us-ascii"}"#),
            ("SPF", "pass"),
        ])
        let event = try self.event(body)
        let told: JSONValue = [
            "key": "<CAF+1@mail.example.com>", "id": "<CAF+1@mail.example.com>", "kind": "email",
            "senders": ["email Ann@example.com"], "profile_name": "Lee, Ann", "subject": "Ré: 😀", "body": "Hé\r\nllo",
            "html": "<p>Hé</p>", "in_reply_to": "<01993c5e@example.com>",
            "details": ["to": "Shop <shop@parse.example.org>", "cc": "bob@example.com"],
        ]
        #expect(event.message?.told == told)
        #expect(event.key == "<CAF+1@mail.example.com>")
    }

    @Test(
        arguments: [
            ("ann@x.com", "ann@x.com", nil), ("<ann@x.com>", "ann@x.com", nil),
            ("Ann Lee <ann@x.com>", "ann@x.com", "Ann Lee"),
            ("\"Ann Lee\" <ann@x.com>", "ann@x.com", "Ann Lee"), ("  Ann  <  ann@X.COM >  ", "ann@x.com", "Ann"),
            ("\"Ann \\\"the <b>\\\" Lee\" <ann@x.com>", "ann@x.com", "Ann \"the <b>\" Lee"),
            ("ann@x.com (Ann Lee)", "ann@x.com", "Ann Lee"), ("Änn <ann@x.com>, Bob <bob@x.com>", "ann@x.com", "Änn"),
            ("ann@x.com, bob@x.com", "ann@x.com", nil), ("\"a,b\" <ann@x.com>", "ann@x.com", "a,b"),
            ("\"\" <ann@x.com>", "ann@x.com", nil), ("Ann <ann@x.com", "ann@x.com", "Ann"),
            ("<änn@münchen.de>", "änn@münchen.de", nil), ("ann..lee@x.com", "ann..lee@x.com", nil),
            // What is none gives way to the envelope's.
            ("Ann Lee", "envelope@x.com", nil), ("", "envelope@x.com", nil), ("Ann <ann>", "envelope@x.com", "Ann"),
            ("Ann <a b@x.com>", "envelope@x.com", "Ann"), ("undisclosed:;", "envelope@x.com", nil),
            ("\"Ann", "envelope@x.com", nil), ("<\(String(repeating: "a", count: 400))@x.com>", "envelope@x.com", nil),
        ] as [(String, String, String?)]
    )
    func `the sender is whom From names`(_ from: String, _ address: String, _ name: String?) throws {
        let fields = [("from", from), ("envelope", #"{"from":"envelope@x.com","to":["shop@x.com"]}"#), ("text", "a")]
        let message = try #require(try self.message(fields))
        #expect(message.senders == [Address(kind: .email, value: address)])
        #expect(message.profileName == name)
    }

    @Test(arguments: [
        [("text", "a")], [("from", "Ann"), ("text", "a")], [("from", ""), ("envelope", "{"), ("text", "a")],
        [("from", "Ann"), ("envelope", #"{"from":""}"#)], [("from", "Ann"), ("envelope", #"{"from":7}"#)], [],
    ])
    func `a mail of nobody is kept`(_ fields: [(String, String)]) throws {
        let body = MultipartBody.bytes(fields.map { (name: $0.0, text: $0.1) })
        #expect(try self.event(body).content == .other("email"))
        #expect(try self.event(body).key.utf8.count == 64)
    }

    @Test func `a mail without an id is known by its bytes`() throws {
        let fields = [("from", "ann@x.com"), ("headers", "Subject: a\nMessage-ID: \n"), ("text", "a")]
        let first = try self.event(MultipartBody.bytes(fields.map { (name: $0.0, text: $0.1) }))
        let other = try self.event(MultipartBody.bytes([("from", "ann@x.com"), ("text", "b")]))
        #expect(first.key.utf8.count == 64)
        #expect(other.key.utf8.count == 64)
        #expect(first.key != other.key)
        #expect(first == (try self.event(MultipartBody.bytes(fields.map { (name: $0.0, text: $0.1) }))))
    }

    @Test(arguments: [
        ("Message-ID: <a@b> (added)\n", "<a@b>"), ("message-id: bare-id\n", "bare-id"),
        ("Message-Id: <open\n", "<open"),
        ("Message-ID: >a<b>\n", "<b>"), ("X: y\nMessage-ID: <a@b>", "<a@b>"),
    ])
    func `ids are read as mails write them`(_ headers: String, _ id: String) throws {
        #expect(try self.message([("from", "ann@x.com"), ("headers", headers)])?.providerMessageID == id)
    }

    @Test func `attachments stay where they are`() throws {
        let image: [UInt8] = [0xFF, 0xD8, 0x0D, 0x0A, 0x2D, 0x2D, 0x00]
        let info =
            #"{"attachment1":{"filename":"photo 1.jpg","name":"p.jpg","type":"image/jpeg","content-id":"ii_1"},"attachment2":{"name":"b"}}"#
        let body = MultipartBody.bytes([
            (head: "name=\"from\"", content: Array("ann@x.com".utf8)),
            (head: "name=\"attachment-info\"", content: Array(info.utf8)),
            (head: "name=\"attachments\"", content: Array("2".utf8)),
            (head: "name=\"attachment1\"; filename=\"photo.jpg\"\r\nContent-Type: image/png", content: image),
            (head: "name=\"attachment2\"\r\nContent-Type: text/csv", content: []),
            (head: "name=\"extra\"; filename=\"x.bin\"", content: [1]),
            (head: "name=\"attachmentx\"", content: [1]),
        ])
        let message = try #require(try self.event(body).message)
        #expect(
            message.told["attachments"] == [
                "part attachment1 image/jpeg photo 1.jpg", "part attachment2 text/csv b", "part extra - x.bin",
            ]
        )
        let contentType = MultipartBody.contentType
        let photo = try InboundParse.file("attachment1", of: body, contentType: contentType)
        #expect(photo?.bytes == image[...])
        #expect(photo?.contentType == "image/jpeg")
        #expect(photo?.name == "photo 1.jpg")
        #expect(try InboundParse.file("attachment2", of: body, contentType: contentType)?.bytes.isEmpty == true)
        // The words of a mail are no file.
        for name in ["attachment3", "attachmentx", "from"] {
            #expect(try InboundParse.file(name, of: body, contentType: contentType) == nil)
        }
        #expect(throws: WebhookFormatFailure.self) {
            try InboundParse.file("attachment1", of: body, contentType: "text/plain")
        }
    }

    @Test(arguments: ["[]", "{", "7", #"{"attachment1":7}"#, #"{"attachment1":{"type":1,"filename":""}}"#])
    func `what is told of attachments may be wrong`(_ info: String) throws {
        let body = MultipartBody.bytes([
            (head: "name=\"from\"", content: Array("ann@x.com".utf8)),
            (head: "name=\"attachment-info\"", content: Array(info.utf8)),
            (head: "name=\"attachment1\"; filename=\"a.txt\"", content: [1]),
        ])
        #expect(try self.event(body).message?.told["attachments"] == ["part attachment1 - a.txt"])
    }

    @Test(
        arguments: [
            (#""text":"iso-8859-1""#, [0x63, 0x61, 0x66, 0xE9], "café"),
            (#""text":"ISO-8859-1""#, [0x80, 0x93, 0x94], "€“”"),
            (#""text":"latin1""#, [0xFC], "ü"), (#""text":"windows-1252""#, [0x41, 0x81, 0x9F, 0xFF], "A\u{FFFD}Ÿÿ"),
            (#""text":"Windows-1251""#, [0xCF, 0xF0, 0xE8], "При"), (#""text":"koi8-r""#, [0xF0, 0xD2], "Пр"),
            (#""text":"iso-8859-2""#, [0xB1], "ą"), (#""text":"iso-8859-15""#, [0xA4], "€"),
            (#""text":"iso-8859-8""#, [0x41], "A"),
            (#""text":"shift_jis""#, [0x82, 0xB1, 0x82, 0xF1], "こん"),
            (#""text":"gb2312""#, [0xC4, 0xE3, 0xBA, 0xC3], "你好"),
            (#""text":"big5""#, [0xA7, 0x41], "你"), (#""text":"euc-kr""#, [0xB0, 0xA1], "가"),
            (#""text":"iso-2022-jp""#, [0x1B, 0x24, 0x42, 0x24, 0x33, 0x1B, 0x28, 0x42], "こ"),
            // One bad line costs no other, and no ASCII.
            (#""text":"gb2312""#, [0xC4, 0xE3, 0x0A, 0x41, 0xFF, 0x42, 0x0A, 0xBA, 0xC3], "你\nA\u{FFFD}B\n好"),
            (#""text":"shift_jis""#, [0x41, 0x82], "A\u{FFFD}"),
            (#""text":"utf-8""#, [0x41, 0xC3, 0x28, 0xF0, 0x9F], "A\u{FFFD}(\u{FFFD}"),
            (#""text":"us-ascii""#, [0x41, 0xE9], "A\u{FFFD}"),
            (#""text":"x-unknown""#, [0x41, 0xC3, 0xA9], "Aé"), (#""text":"../../etc""#, [0x41], "A"),
            (#""text":7"#, [0x41], "A"),
            (#""html":"iso-8859-1""#, [0x41, 0xC3, 0xA9], "Aé"),
            (#""text":"iso-8859-99999999999999999999""#, [0x41], "A"),
        ] as [(String, [UInt8], String)]
    )
    func `text is read in its charset`(_ charsets: String, _ bytes: [UInt8], _ text: String) throws {
        let body = MultipartBody.bytes([
            (head: "name=\"from\"", content: Array("ann@x.com".utf8)),
            (head: "name=\"charsets\"", content: Array("{\(charsets)}".utf8)),
            (head: "name=\"text\"", content: bytes),
        ])
        #expect(try self.event(body).message?.content.body == text)
    }

    @Test func `the name of the sender has a charset too`() throws {
        let body = MultipartBody.bytes([
            (head: "name=\"charsets\"", content: Array(#"{"from":"iso-8859-1","subject":"windows-1252"}"#.utf8)),
            (head: "name=\"from\"", content: [0xC4] + Array("nn <ann@x.com>".utf8)),
            (head: "name=\"subject\"", content: [0x93, 0x61, 0x94]),
        ])
        let message = try self.event(body).message
        #expect(message?.profileName == "Änn")
        #expect(message?.content.subject == "“a”")
    }

    @Test func `a body that is no form is refused with a sentence`() {
        let failure = #expect(throws: WebhookFormatFailure.self) { try self.event(Array("from=ann".utf8)) }
        #expect(failure?.detail == "The body does not start with the boundary.")
    }
}
