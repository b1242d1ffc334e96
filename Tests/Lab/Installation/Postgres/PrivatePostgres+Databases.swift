import Foundation

extension PrivatePostgres {
    private static let services = [
        "api-gateway": "gateway", "inbound-gateway": "inbound", "customer-service": "customers",
        "conversation-service": "conversations", "messaging-service": "messaging",
    ]

    /// Makes databases, roles and tables as a deployment does, and returns the URL of each role.
    package nonisolated func createDatabases(by programs: Programs) async throws -> [String: String] {
        let passwords = ["OWNER", "GATEWAY", "INBOUND", "CUSTOMERS", "CONVERSATIONS", "MESSAGING", "MESSAGING_ENGINE"]
        var environment = [
            "PGHOST": "127.0.0.1", "PGPORT": "\(self.port)", "PGUSER": "postgres", "PGPASSWORD": "unused",
            "PATH": "\(self.programs.folder):/usr/bin:/bin",
        ]
        for name in passwords { environment["\(name)_PASSWORD"] = "unused" }
        try await runToEnd(
            [Repository.root.appending(path: "deploy/postgres/create-databases").path()],
            environment: environment
        )
        var urls = ["messaging_engine": self.url(database: "messaging", role: "messaging_engine")]
        for (service, database) in Self.services {
            try await runToEnd(
                [try programs.path(of: service), "migrate"],
                environment: ["POSTGRES_OWNER_URL": self.url(database: database, role: "herald_owner")]
            )
            urls[database] = self.url(database: database, role: database)
        }
        return urls
    }
}
