import CCurl
import Shared
import Testing

@testable import Providers

/// Dialogs as libcurl reports them: `>` to the server, `<` from it.
struct SMTPDialogTests {
    static let start = [">EHLO x", "<250-mail", "<250 AUTH PLAIN", ">AUTH PLAIN", "<334 ", ">REFUQQ==", "<235 ok"]
    static let sent =
        start + [">MAIL FROM:<a@b.test>", "<250 ok", ">RCPT TO:<c@d.test>", "<250 ok", ">DATA", "<354 go"]

    static let cases: [(lines: [String], code: CURLcode, outcome: String)] = [
        ([], CURLE_COULDNT_CONNECT, "transient connection-refused"),
        ([], CURLE_OPERATION_TIMEDOUT, "transient timeout"),
        (["<554-no", "<554 no"], CURLE_WEIRD_SERVER_REPLY, "blocked smtp-554"),
        (["<220 hi", ">EHLO x", "<502 what", ">HELO x", "<250 ok"], CURLE_RECV_ERROR, "transient connection-lost"),
        (["<220 hi", ">EHLO x", "<250 ok", ">STARTTLS", "<454 later"], CURLE_USE_SSL_FAILED, "transient smtp-454"),
        (start, CURLE_RECV_ERROR, "transient connection-lost"),
        (start.dropLast() + ["<535 no", ">QUIT", "<221 bye"], CURLE_LOGIN_DENIED, "blocked smtp-535"),
        (start.dropLast() + ["<535 no", ">AUTH LOGIN", "<504 what"], CURLE_LOGIN_DENIED, "blocked smtp-535"),
        (start.dropLast() + ["<454 later"], CURLE_LOGIN_DENIED, "transient smtp-454"),
        ([">EHLO x", "<250 ok"], CURLE_LOGIN_DENIED, "blocked login-impossible"),
        (sent.dropLast(3) + ["<250 ok"], CURLE_RECV_ERROR, "transient connection-lost"),
        (sent.dropLast(3) + ["<550 who"], CURLE_SEND_ERROR, "rejected smtp-550"),
        (sent.dropLast(3) + ["<550 who", ">QUIT", "<221 bye"], CURLE_SEND_ERROR, "rejected smtp-550"),
        (sent.dropLast(1), CURLE_OPERATION_TIMEDOUT, "transient timeout"),
        (sent.dropLast(1) + ["<503 no"], CURLE_SEND_ERROR, "rejected smtp-503"),
        (sent, CURLE_SEND_ERROR, "uncertain connection-lost"),
        (sent, CURLE_OPERATION_TIMEDOUT, "uncertain timeout"),
        (sent + ["<250-one"], CURLE_OPERATION_TIMEDOUT, "uncertain timeout"),
        (sent + ["<250-one", "<250 two"], CURLE_OPERATION_TIMEDOUT, "accepted"),
        (sent + ["<250 ok"], CURLE_OK, "accepted"),
        (sent + ["<250 ok", "<421 bye"], CURLE_RECV_ERROR, "accepted"),
        (sent + ["<250 ok", ">QUIT", "<500 what"], CURLE_RECV_ERROR, "accepted"),
        (sent + ["<451 later"], CURLE_WEIRD_SERVER_REPLY, "transient smtp-451"),
        (sent + ["<554 spam"], CURLE_WEIRD_SERVER_REPLY, "rejected smtp-554"),
        (sent + ["<530 log in"], CURLE_WEIRD_SERVER_REPLY, "blocked smtp-530"),
        (sent + ["<what"], CURLE_WEIRD_SERVER_REPLY, "uncertain connection-lost"),
    ]

    @Test(arguments: Self.cases.indices) func `the last thing said decides`(_ index: Int) {
        let (lines, code, expected) = Self.cases[index]
        var dialog = SMTPDialog()
        for line in lines {
            let bytes = Array((line.dropFirst() + "\r\n").utf8)
            if line.hasPrefix(">") { dialog.sent(bytes) } else { dialog.received(bytes) }
        }
        #expect(SMTPVerdict.outcome(of: code, after: dialog, messageID: "<1@a.test>").summary == expected, "\(lines)")
    }

    @Test func `replies may come in pieces`() {
        var dialog = SMTPDialog()
        dialog.sent(Array("DATA\r\n".utf8))
        for byte in "354-wait\r\n354 go\r\n250 taken\r\n".utf8 { dialog.received([byte]) }
        #expect(dialog.hasDataBegun)
        #expect(dialog.finalReply == SMTPDialog.Reply(code: 250, text: "250 taken"))
    }
}
