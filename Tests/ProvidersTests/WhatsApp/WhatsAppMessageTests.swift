import Shared
import Testing

@testable import Providers

/// The bodies that Meta is sent, field by field.
struct WhatsAppMessageTests {
    static let reference = "\"biz_opaque_callback_data\":\"01993c5e-0000-7000-8000-000000000001.3\""
    static let contents: [(MessageContent, String)] = [
        (MessageContent(body: "Héllo 😀"), #""type":"text","text":{"body":"Héllo 😀","preview_url":false}"#),
        (
            Self.template(["1": "John", "10": "ten", "2": "two"]),
            """
            "type":"template","template":{"name":"order","language":{"code":"en_US"},"components":[{"type":"body",\
            "parameters":[{"type":"text","text":"John"},{"type":"text","text":"two"},{"type":"text","text":"ten"}]}]}
            """
        ),
        (
            Self.template(["name": "John", "1": "one"]),
            """
            "type":"template","template":{"name":"order","language":{"code":"en_US"},"components":[{"type":"body",\
            "parameters":[{"type":"text","parameter_name":"1","text":"one"},\
            {"type":"text","parameter_name":"name","text":"John"}]}]}
            """
        ),
        (Self.template(nil), #""type":"template","template":{"name":"order","language":{"code":"en_US"}}"#),
        (
            Self.template(nil, components: [["type": "header", "parameters": []]]),
            """
            "type":"template","template":{"name":"order","language":{"code":"en_US"},\
            "components":[{"type":"header","parameters":[]}]}
            """
        ),
        (
            MessageContent(
                template: TemplateReference(
                    code: "order",
                    language: nil,
                    parameters: ["1": "John"],
                    components: [["type": "body", "parameters": []]],
                    name: "order_v2",
                    version: 3
                )
            ),
            """
            "type":"template","template":{"name":"order_v2","language":{"code":"en"},\
            "components":[{"type":"body","parameters":[]}]}
            """
        ),
        (Self.media(.image), #""type":"image","image":{"link":"https://a.test/f","caption":"c"}"#),
        (Self.media(.audio), #""type":"audio","audio":{"link":"https://a.test/f"}"#),
        (Self.media(.sticker), #""type":"sticker","sticker":{"link":"https://a.test/f"}"#),
        (
            MessageContent(body: "ignored", interactive: ["type": "button"]),
            #""type":"interactive","interactive":{"type":"button"}"#
        ),
    ]

    private static func template(_ parameters: [String: String]?, components: JSONValue? = nil) -> MessageContent {
        MessageContent(
            template: TemplateReference(
                code: "order",
                language: "en_US",
                parameters: parameters,
                components: components
            )
        )
    }

    private static func media(_ kind: MediaReference.Kind) -> MessageContent {
        MessageContent(media: MediaReference(url: "https://a.test/f", kind: kind, caption: "c"))
    }

    @Test(arguments: Self.contents.indices) func `each kind of content has Meta's fields`(_ index: Int) throws {
        let (content, fields) = Self.contents[index]
        let body = try WhatsAppMessage.body(of: .whatsapp(content))
        let expected = """
            {"messaging_product":"whatsapp","recipient_type":"individual","to":"254700000001",\(fields),\(Self.reference)}
            """
        #expect(String(decoding: body.bytes, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        ("+254 700-000 001", "to", "254700000001"),
        ("254700000001", "to", "254700000001"),
        ("US.13491208655302741918", "recipient", "US.13491208655302741918"),
        ("KE.a1", "recipient", "KE.a1"),
    ])
    func `a recipient is a number in digits or a user id`(_ address: String, _ name: String, _ value: String) throws {
        let body = try WhatsAppMessage.body(of: .whatsapp(to: address))
        #expect(body[name]?.string == value)
        #expect(body[name == "to" ? "recipient" : "to"] == nil)
    }

    @Test(arguments: ["", "+", "12345", "1234567890123456", "us.123", "US.", "US.12 3", "a@b.test", "+2547000٠٠٠٠١"])
    func `what is no recipient is refused`(_ address: String) {
        #expect(throws: ContentFault.self) { try WhatsAppMessage.body(of: .whatsapp(to: address)) }
    }

    @Test(arguments: [MessageContent(), MessageContent(body: ""), MessageContent(html: "<p>")])
    func `a message without content is refused`(_ content: MessageContent) {
        #expect(throws: ContentFault.self) { try WhatsAppMessage.body(of: .whatsapp(content)) }
    }
}
