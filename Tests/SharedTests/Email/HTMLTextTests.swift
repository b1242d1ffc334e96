import Shared
import Testing

struct HTMLTextTests {
    @Test(
        arguments: [
            ("Hello", "Hello"),
            ("", ""),
            ("<p>One</p><p>Two</p>", "One\n\nTwo"),
            ("<p> One \n two\t three </p>\n\n<p>Four</p>", "One two three\n\nFour"),
            ("One<br>Two<br/>Three<br><br>Four", "One\nTwo\nThree\n\nFour"),
            ("<div>One</div><div>Two</div>", "One\nTwo"),
            ("<h1>Title</h1>Text", "Title\n\nText"),
            ("a <b>bold</b>, <i>it</i>alic", "a bold, italic"),
            ("One<hr>Two", "One\n----------\nTwo"),
            ("<img src=x alt='A cat'> purrs", "A cat purrs"),
            ("<pre>  a\n    b</pre>", "  a\n    b"),
        ] as [(String, String)]
    )
    func `lines stay lines`(_ html: String, _ text: String) {
        #expect(HTMLText.text(of: html) == text)
    }

    @Test(
        arguments: [
            ("<ul><li>One<li>Two</ul>After", "- One\n- Two\n\nAfter"),
            ("<ol><li>One</li><li>Two</li></ol>", "1. One\n2. Two"),
            ("<ul><li>One<ol><li>A</li><li>B</li></ol></li><li>Two</li></ul>", "- One\n  1. A\n  2. B\n- Two"),
            ("<ul><li><p>One</p><p>More</p></li></ul>", "- One\n  More"),
            ("<li>Stray", "- Stray"),
            (
                "<table><tr><th>Item</th><th>Price</th></tr><tr><td>Tea</td><td>3&nbsp;€</td></tr></table>",
                "Item  Price\nTea  3 €"
            ),
            ("<table><tr><td><p>A</p></td></tr><tr><td><p>B</p></td></tr></table>", "A\n\nB"),
        ] as [(String, String)]
    )
    func `lists and tables keep their form`(_ html: String, _ text: String) {
        #expect(HTMLText.text(of: html) == text)
    }

    @Test(
        arguments: [
            (#"<a href="https://a.test/x?a=1&amp;b=2">Order</a>."#, "Order (https://a.test/x?a=1&b=2)."),
            ("<a href=https://a.test/x>https://a.test/x</a>", "https://a.test/x"),
            ("<a href='https://a.test/'>a.test</a>", "a.test"),
            ("<a href='mailto:ann@a.test?subject=Hi'>Write</a>", "Write (ann@a.test)"),
            ("<a href='mailto:ann@a.test'>ann@a.test</a>", "ann@a.test"),
            ("<a href='tel:+123'>Call</a>", "Call (+123)"),
            ("<a href='https://a.test'><img src=x></a>", "https://a.test"),
            ("<a href='#top'>Up</a> <a href='javascript:x()'>No</a> <a>None</a>", "Up No None"),
            ("<a href='https://a.test/1'>One<a href='https://a.test/2'>Two", "One (https://a.test/1)Two"),
        ] as [(String, String)]
    )
    func `links keep their addresses`(_ html: String, _ text: String) {
        #expect(HTMLText.text(of: html) == text)
    }

    @Test(
        arguments: [
            ("&lt;b&gt; &amp;amp; &quot;x&quot; &#39;y&#39;", "<b> &amp; \"x\" 'y'"),
            ("&euro;&#8364;&#x20AC;&#X20ac;&#128;", "€€€€€"),
            ("&auml;&szlig;&Eacute;&yuml;&iexcl;&divide;", "äßÉÿ¡÷"),
            ("&hellip;&mdash;&rsquo;&#146;", "…—’’"),
            ("AT&T &nope; &; &amp &#; &#xZ; &#99999999;", "AT&T &nope; &; &amp &#; &#xZ; \u{FFFD}"),
            ("&#0;&#7;&#xD800;", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("un&shy;break&#8203;able", "unbreakable"),
            ("😀&#x1F600;", "😀😀"),
        ] as [(String, String)]
    )
    func `entities become what they stand for`(_ html: String, _ text: String) {
        #expect(HTMLText.text(of: html) == text)
    }

    @Test(arguments: [
        "<style>p{}</style>Hi", "<script>if (a < b) x('</p>')</script>Hi",
        "<head><title>T</title></head><body>Hi</body>",
        "<head><style>x</style><body>Hi", "<!-- no <p> -->Hi", "<!DOCTYPE html><html>Hi</html>", "<?xml x?>Hi",
        "<div style='Display : NONE'>no<div>no</div></div>Hi", "<span hidden>no</span>Hi", "<STYLE>x</STYLE >Hi",
        "Hi<script>never ends", "Hi<!-- never ends", "<svg><text>no</text></svg>Hi", "<script></scripty></script>Hi",
        "<div style='mso-hide:all'>no</div>Hi", "<textarea><p>no</textarea>Hi", "Hi<p", "Hi<a href='https://a",
    ])
    func `what is not to be read is left out`(_ html: String) {
        #expect(HTMLText.text(of: html) == "Hi")
    }

    @Test(arguments: [
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"), ("a <3 b", "a <3 b"), ("a <", "a <"), ("</", ""),
        ("<p title='>'>x", "x"),
        ("</p></ul></ol></a></pre></td>x", "x"),
    ])
    func `what is no markup is text`(_ html: String, _ text: String) {
        #expect(HTMLText.text(of: html) == text)
    }

    /// Twice the text takes about twice the time: a quadratic reader would not end within the limit.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            "<", "<a href=x>", "<!--", "&", "<div>", "<ul><li>", "<script>", "</", "<b x=", "&amp;", "<p>a</p>",
        ]
    )
    func `a hostile text takes no more time than its length`(_ piece: String) {
        let html = String(repeating: piece, count: 200_000 / piece.utf8.count)
        #expect(HTMLText.text(of: html).utf8.count <= html.utf8.count * 2)
    }
}
