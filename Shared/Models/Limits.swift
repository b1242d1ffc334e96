/// The sizes that the public API promises, in one place for the code, its tests and its document.
package enum Limits {
    /// Bytes of an ordinary request body.
    package static let bodyBytes = 256 * 1024
    /// Bytes of a message with attachments, which are a third longer in base64.
    package static let attachmentsBytes = 15 * 1024 * 1024
    /// Bytes of a batch of messages.
    package static let batchBytes = 10 * 1024 * 1024
    /// Messages in one batch.
    package static let batchMessages = 1000
    /// Bytes of a broadcast with its recipients.
    package static let broadcastBytes = 20 * 1024 * 1024
    /// Recipients that one broadcast names one by one; groups and filters mean as many as there are.
    package static let broadcastRecipients = 200_000
    /// Customers in one batch.
    package static let batchCustomers = 1000
    /// Levels of arrays and objects in a JSON body.
    package static let jsonDepth = 32
    /// Values in a JSON body, of all depths: a thousand messages have a tenth of that, and each costs memory.
    package static let jsonValues = 200_000
    /// Elements of one page.
    package static let pageElements = 1...200
    package static let defaultPageElements = 50
    /// Bytes of a message's `metadata`, as we encode it.
    package static let metadataBytes = 16 * 1024
    /// Bytes of the block of request headers.
    package static let headerBytes = 16 * 1024
    /// Bytes of a provider's webhook; Meta's reach 3 MB.
    package static let webhookBytes = 4 * 1024 * 1024
    /// Bytes of a mail that a provider posts: SendGrid takes 30 MB, and what the form adds.
    package static let inboundMailBytes = 32 * 1024 * 1024
}
