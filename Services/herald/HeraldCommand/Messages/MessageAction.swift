/// What can be done with one message or many; the raw values are those of the API.
enum MessageAction: String {
    case cancel, retry, delete
    case sendNow = "send-now"
}
