import HTTPTypes

/// A page of few words, without script, style sheet or picture.
enum UnsubscribePage {
    case question(String)
    case done(String)
    case unknown

    /// Nobody keeps, frames or indexes the page, and its address, which is a token, goes nowhere.
    static var headers: HTTPFields {
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
        let others = [
            ("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'"),
            ("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex"), ("X-Content-Type-Options", "nosniff"),
        ]
        for (name, value) in others {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Unsubscribe</title>
        </head>
        <body>
        <main>
        \(self.words)
        </main>
        </body>
        </html>

        """
    }

    private var words: String {
        switch self {
        case .question(let address):
            """
            <h1>Unsubscribe</h1>
            <p>Send no more marketing to <b>\(Self.escaped(address))</b>?</p>
            <form method="post">
            <input type="hidden" name="List-Unsubscribe" value="One-Click">
            <button type="submit">Unsubscribe</button>
            </form>
            """
        case .done(let address):
            """
            <h1>You are unsubscribed</h1>
            <p>No more marketing is sent to <b>\(Self.escaped(address))</b>.</p>
            """
        case .unknown:
            """
            <h1>This link is not known</h1>
            <p>It may have been cut off. Use the link in the message once more, all of it.</p>
            """
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
