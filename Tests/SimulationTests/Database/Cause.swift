import MessagingService

/// What a person does to a message.
enum Deed: Equatable {
    case cancel, retry, sendNow, edit, delete
    case resolve(Resolution)
}

/// Why a transaction was made.
enum Cause: Equatable {
    case create, claim, settle, findings, reports, place, release, expire, act(Deed), beat, park, pause
}
