import CustomerService
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Telephone numbers as people write them at home, where the organization has said which home that is.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct NationalNumberTests {
    @Test func oneNumberIsOneIdentityHoweverItIsWritten() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service, region: "DE")
            let body = #"{"identities":[{"kind":"phone","value":"0171 1234567"}]}"#
            let made = try await tenant(.POST, "/customers", body)
            #expect(made.status == 201, "\(made.text)")
            let identity = try #require(made.json["identities"]?.array?.first)
            #expect(identity["value"] == "+491711234567")
            #expect(identity["region"] == "DE" && identity["type"] == "mobile")
            for text in ["+49 171 1234567", "0049 171 1234567", "(0171) 123-4567", "+49 (0)171 1234567"] {
                let again = try await tenant(
                    .POST,
                    "/customers",
                    #"{"identities":[{"kind":"phone","value":"\#(text)"}]}"#
                )
                #expect(again.status == 409 && again.code == "identity-taken", "\(text)")
            }
            let twice =
                #"{"identities":[{"kind":"phone","value":"030 901820"},{"kind":"phone","value":"+4930901820"}]}"#
            #expect(try await tenant(.POST, "/customers", twice).pointers == ["/identities/1"])
            let added = try await tenant(
                .POST,
                "/customers/\(made.id)/identities",
                #"{"kind":"phone","value":"030/901820"}"#
            )
            #expect(added.json["identities"]?.array?.last?["type"] == "fixed_line", "\(added.text)")
            let path = "/customers/\(made.id)/identities?kind=phone&value=030%20901820"
            #expect(try await tenant(.DELETE, path).status == 204)
        }
    }

    @Test func whatIsNoTelephoneNumberHasNoRegion() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service, region: "DE")
            let body = #"{"identities":[{"kind":"external","value":"0171"},{"kind":"phone","value":"+15550000001"}]}"#
            let identities = try await tenant(.POST, "/customers", body).json["identities"]?.array ?? []
            #expect(identities.count == 2)
            #expect(identities.first { $0["kind"] == "external" }?["region"] == nil)
            let sandbox = identities.first { $0["kind"] == "phone" }
            #expect(sandbox?["region"] == .null && sandbox?["type"] == "unknown")
        }
    }

    /// A whole number is looked for as it is stored, a part of one as it is.
    @Test(arguments: ["0171 1234567", "01711234567", "171 123", "1711234567", "234567", "%2B49171"])
    func aSearchFindsIt(text: String) async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service, region: "DE")
            let id = try await tenant.customer(#"{"identities":[{"kind":"phone","value":"0171 1234567"}]}"#)
            let query = text.replacing(" ", with: "%20")
            #expect(try await tenant(.GET, "/customers?phone=\(query)").ids == [id])
            #expect(try await tenant(.GET, "/customers?q=\(query)").ids == [id])
            #expect(try await Tenant(service, region: "DE")(.GET, "/customers?phone=\(query)").ids == [])
        }
    }

    @Test func aSuppressionIsOfTheNumberAndNotOfItsForm() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service, region: "DE")
            let made = try await tenant(.POST, "/suppressions", #"{"address":"0171 1234567","channel":"sms"}"#)
            #expect(made.status == 201 && made.json["address"] == "+491711234567", "\(made.text)")
            let everywhere = try await tenant(.POST, "/suppressions", #"{"address":"0171/1234567"}"#)
            #expect(everywhere.status == 201 && everywhere.json["address"] == "+491711234567", "\(everywhere.text)")
            let again = try await tenant(.POST, "/suppressions", #"{"address":"+49 171 1234567"}"#)
            #expect(again.status == 200 && again.id == everywhere.id)
            #expect(try await tenant(.GET, "/suppressions?address=0171%201234567").ids == [everywhere.id, made.id])
        }
    }

    @Test(arguments: [
        ("/suppressions", #"{"address":"0171 1234567"}"#, "/address", "default_region"),
        ("/suppressions", #"{"address":"0171 1234567","channel":"sms"}"#, "/address", "default_region"),
        ("/suppressions", #"{"address":"ann lee"}"#, "/address", "needs a channel"),
        ("/suppressions", #"{"address":"+14155550100x7","channel":"sms"}"#, "/address", "extension"),
        (
            "/customers", #"{"identities":[{"kind":"phone","value":"0171 1234567"}]}"#, "/identities/0/value",
            "default_region"
        ),
        (
            "/customers", #"{"identities":[{"kind":"phone","value":"+999 1234567"}]}"#, "/identities/0/value",
            "calling code"
        ),
        ("/customers", #"{"identities":[{"kind":"phone","value":"+1 415 555"}]}"#, "/identities/0/value", "too short"),
        ("/customers", #"{"identities":[{"kind":"phone","value":"+١٤١٥٥٥٥٠١٠٠"}]}"#, "/identities/0/value", "0 to 9"),
    ])
    func withoutARegionItIsSaidWhatToWrite(path: String, body: String, pointer: String, detail: String) async throws {
        try await RunningService.run { service in
            let answer = try await Tenant(service)(.POST, path, body)
            #expect(answer.status == 422 && answer.pointers == [pointer], "\(answer.text)")
            #expect(
                answer.json["violations"]?.array?.first?["detail"]?.string?.contains(detail) == true,
                "\(answer.text)"
            )
        }
    }
}
