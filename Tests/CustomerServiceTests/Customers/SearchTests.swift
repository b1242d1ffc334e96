import CustomerService
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct SearchTests {
    private static let customers = [
        #"{"name":"Ann Lee","identities":[{"kind":"phone","value":"+14155550100"}],"fields":{"tier":"gold"},"groups":["vip"]}"#,
        #"{"name":"ANNA","identities":[{"kind":"phone","value":"+4930123456"},{"kind":"phone","value":"+4930123457"}],"guest":true}"#,
        #"{"first_name":"Änne","identities":[{"kind":"email","value":"aenne@example.com"}],"fields":{"tier":"iron","age":41}}"#,
        #"{"name":"Bob","identities":[{"kind":"external","value":"c-7"}],"fields":{"age":"41","a=b":"c"},"groups":["vip","b"]}"#,
        #"{"name":"100% Cotton_","fields":{"tier":"gold","ok":true,"a":"b=c"}}"#,
    ]

    /// A query, and which of the customers it finds.
    @Test(arguments: [
        ("", [4, 3, 2, 1, 0]), ("?q=ann", [1, 0]), ("?q=Ann%20", [0]), ("?q=%C3%A4", [2]), ("?q=%C3%84NN", [2]),
        ("?q=lee", []),
        ("?q=100%25", [4]), ("?q=_", []), ("?q=%25", []), ("?q=555", [0]), ("?q=%2B49%20(30)", [1]), ("?q=12", []),
        ("?phone=415-555", [0]), ("?phone=0123456", [1]), ("?phone=4930123457", [1]), ("?email=aenne@EXAMPLE.com", [2]),
        ("?email=nobody", []), ("?external_id=c-7", [3]), ("?field.tier=gold", [4, 0]), ("?field.age=41", [3, 2]),
        ("?field.ok=true", [4]), ("?field.a%3Db=c", [3]), ("?field.a=b%3Dc", [4]),
        ("?field.tier=gold&field.ok=true", [4]),
        ("?field.tier=Gold", []), ("?group=vip", [3, 0]), ("?group=none", []), ("?guest=true", [1]),
        ("?guest=false", [4, 3, 2, 0]), ("?guest=false&q=ann", [0]), ("?q=b&group=vip&field.age=41", [3]),
        ("?phone=555&q=bob", []), ("?phone=555&q=a&guest=false&group=vip&field.tier=gold", [0]),
        ("?email=aenne@example.com&phone=555", []), ("?email=aenne@example.com&field.age=41", [2]),
    ])
    func aSearchFindsWhatItAsksFor(query: String, found: [Int]) async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            var ids: [String] = []
            for body in Self.customers { ids.append(try await tenant.customer(body)) }
            let answer = try await tenant(.GET, "/customers\(query)")
            #expect(answer.status == 200)
            #expect(answer.ids.map { ids.firstIndex(of: $0) } == found)
            #expect(answer.next == nil)
            #expect(try await Tenant(service)(.GET, "/customers\(query)").ids == [])
        }
    }

    @Test(arguments: [
        "?phone=12", "?phone=abc", "?phone=1234567890123456", "?q=", "?guest=maybe", "?limit=0", "?limit=201",
        "?cursor=x",
        "?name=Ann", "?field.=x", "?field.a=1&field.b=1&field.c=1&field.d=1&field.e=1&field.f=1",
    ])
    func whatIsNoSearchIsRefused(query: String) async throws {
        try await RunningService.run { service in
            let answer = try await Tenant(service)(.GET, "/customers\(query)")
            #expect(answer.status == 400 && answer.code == "invalid-query", "\(answer.text)")
        }
    }

    @Test(arguments: [
        "", "&q=x", "&phone=4930", "&group=all", "&field.all=yes", "&guest=true", "&guest=true&group=all",
    ])
    func pagesShowEachCustomerOnce(query: String) async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            var made: [String] = []
            for number in 0..<7 {
                let body = """
                    {"name":"x\(number)","guest":true,"groups":["all"],"fields":{"all":"yes"},
                     "identities":[{"kind":"phone","value":"+49301234\(number)"},{"kind":"phone","value":"+49301235\(number)"}]}
                    """
                made.append(try await tenant.customer(body))
            }
            var (seen, cursor, pages): ([String], String?, Int) = ([], nil, 0)
            repeat {
                let page = try await tenant(.GET, "/customers?limit=3\(query)\(cursor.map { "&cursor=\($0)" } ?? "")")
                seen += page.ids
                cursor = page.next
                pages += 1
            } while cursor != nil && pages < 10
            #expect(seen == made.reversed())
            #expect(pages == 3)
        }
    }
}
