import Testing

/// Which way the arrows point; see "The map" in the README.
@Suite struct DependencyRulesTests {
    private static let services: Set<String> = [
        "APIGateway", "InboundGateway", "CustomerService", "ConversationService", "MessagingService", "OutboundWorker",
    ]

    @Test func aServiceImportsNoService() throws {
        for file in try Sources.files(below: "Services") where !file.path.contains("/Program/") {
            #expect(Self.services.isDisjoint(with: file.imports), "\(file.path)")
        }
    }

    @Test func sharedModulesImportNoServiceAndNoTestSupport() throws {
        let forbidden = Self.services.union(["TestClient", "TestSupport", "Testing"])
        for file in try Sources.files(below: "Shared") where !file.path.hasPrefix("Shared/TestSupport/") {
            #expect(forbidden.isDisjoint(with: file.imports), "\(file.path)")
        }
    }

    @Test func theModelsImportFoundationOnly() throws {
        for file in try Sources.files(below: "Shared/Models") {
            #expect(Set(file.imports).isSubset(of: ["Foundation", "Synchronization"]), "\(file.path)")
        }
    }

    @Test func aLibraryOfTheSystemIsTouchedInOnePlace() throws {
        for file in try Sources.files(below: "Shared") + Sources.files(below: "Services") {
            if file.imports.contains("CLibPQ") { #expect(file.path.hasPrefix("Shared/Postgres/"), "\(file.path)") }
            if file.imports.contains("CCurl") { #expect(file.path.hasPrefix("Shared/Providers/"), "\(file.path)") }
            if file.imports.contains("CProcess") { #expect(file.path.hasPrefix("Shared/Program/"), "\(file.path)") }
            if file.imports.contains("CExecutor") {
                #expect(file.path.hasPrefix("Shared/EventLoopTasks/"), "\(file.path)")
            }
            if file.imports.contains("CPhoneNumbers") {
                #expect(file.path.hasPrefix("Shared/PhoneNumbers/"), "\(file.path)")
            }
        }
    }

    @Test(arguments: ["Services/outbound-worker", "Services/herald"])
    func theWorkerAndTheCommandLineHaveNoDatabase(folder: String) throws {
        for file in try Sources.files(below: folder) { #expect(!file.imports.contains("Postgres"), "\(file.path)") }
    }

    /// messaging-service fetches attachments through its accounts, and sends nothing.
    @Test func providersAreKnownToThoseWhoTalkToThem() throws {
        let places = [
            "Services/outbound-worker/", "Services/inbound-gateway/",
            "Services/messaging-service/MessagingService/Attachments/",
            "Services/messaging-service/MessagingService/MessagingApp.swift",
        ]
        for file in try Sources.files(below: "Services") where file.imports.contains("Providers") {
            let mayKnow = places.contains { file.path.hasPrefix($0) }
            #expect(mayKnow, "\(file.path)")
        }
    }

    @Test func theMainsAreShort() throws {
        for file in try Sources.files(below: "Services")
        where file.path.hasSuffix("/Main.swift") || file.path.contains("/Program/") {
            #expect(file.lines.count <= 41, "\(file.path)")
        }
    }

    @Test func sqlStandsInStoresAndOperationsOnly() throws {
        for file in try Sources.files(below: "Services") where file.path.hasSuffix("Routes.swift") {
            let inserts = file.lines.filter { $0.contains("INSERT INTO") || $0.contains("DELETE FROM") }
            #expect(inserts.isEmpty, "\(file.path)")
        }
    }

    @Test func noFileHidesWhatIsInside() throws {
        let vague = ["Helper", "Utils", "Extensions", "Common", "Manager"]
        for folder in ["Shared", "Services", "Tests"] {
            for file in try Sources.files(below: folder) {
                let name = file.path.split(separator: "/").last.map(String.init) ?? ""
                #expect(!vague.contains { name.contains($0) }, "\(file.path)")
            }
        }
    }
}
