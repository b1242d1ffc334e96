/// How much the providers take, as their documentation states it.
package enum ContentLimits {
    /// Characters of a WhatsApp text message.
    package static let whatsappText = 4096
    /// Characters of a media caption, and of an interactive message's body.
    package static let whatsappCaption = 1024
    /// Characters of an SMS body at Twilio, all segments together.
    package static let twilioBody = 1600
}
