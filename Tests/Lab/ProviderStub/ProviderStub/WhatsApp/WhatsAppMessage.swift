/// The part of a send request that Meta checks at once.
struct WhatsAppMessage: Decodable {
    struct Text: Decodable {
        let body: String?
    }

    struct Template: Decodable {
        struct Language: Decodable {
            let code: String?
        }

        let name: String?
        let language: Language?
    }

    struct Media: Decodable {
        let id: String?
        let link: String?
        let caption: String?
    }

    struct Interactive: Decodable {
        let type: String?
    }

    /// A part whose content is not checked.
    struct Unchecked: Decodable {
        init(from decoder: any Decoder) {}
    }

    let messagingProduct: String?
    let recipientType: String?
    let to: String?
    let recipient: String?
    let type: String?
    let reference: String?
    let text: Text?
    let template: Template?
    let image: Media?
    let video: Media?
    let audio: Media?
    let document: Media?
    let sticker: Media?
    let interactive: Interactive?
    let location: Unchecked?
    let contacts: Unchecked?
    let reaction: Unchecked?

    private enum CodingKeys: String, CodingKey {
        case messagingProduct = "messaging_product"
        case recipientType = "recipient_type"
        case reference = "biz_opaque_callback_data"
        case to, recipient, type, text, template, image, video, audio, document, sticker, interactive, location
        case contacts, reaction
    }
}

/// Whom a WhatsApp message is for.
enum Recipient: Sendable {
    /// As written, and its digits: the WhatsApp id.
    case phone(String, digits: String)
    /// A business-scoped user id.
    case user(String)

    var written: String {
        switch self {
        case .phone(let text, digits: _): text
        case .user(let id): id
        }
    }
}
