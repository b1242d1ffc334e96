import Shared

extension InboundContent.Kind {
    /// What a file is to a person, by its media type: `image/jpeg` is an image; what is neither seen nor heard is a document.
    init(mediaType: String?) {
        switch mediaType?.prefix(while: { $0 != "/" }).lowercased() {
        case "image": self = .image
        case "video": self = .video
        case "audio": self = .audio
        default: self = .document
        }
    }
}
