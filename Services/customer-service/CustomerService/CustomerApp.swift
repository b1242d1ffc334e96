import AuditTrail
package import Configuration
import Erasing
import HTTPService
import Hummingbird
import Idempotency
package import Logging
import Postgres
import Secrets
package import ServiceLifecycle

/// Everything the service needs, built in one place.
package struct CustomerApp: Sendable {
    /// In the order in which they start.
    package let services: [any Service]

    /// - Parameters:
    ///   - reader: the process's configuration; see the README for its keys.
    ///   - logger: the process's.
    ///   - onServerRunning: told the port, which matters when `http.port` is 0.
    /// - Throws: `ConfigFailure`, or what the reader throws for an absent or malformed value.
    package init(
        reader: ConfigReader,
        logger: Logger,
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let secret = try await reader.fetchRequiredString(forKey: "service.token.secret", isSecret: true)
        let marks = AddressMarks(masterKeys: try await MasterKeys(reader: reader))
        let postgres = PostgresPool(try await PostgresConfig(reader: reader.scoped(to: "postgres")), logger: logger)
        let router = makeInternalRouter(
            tokens: try await ServiceTokens(secret: secret),
            health: HealthRoutes([.init("postgres") { try await postgres.ping() }])
        )
        let indexPhones = IndexPhones(postgres: postgres, logger: logger)
        Self.addServiceRoutes(to: router.group(context: ServiceRequestContext.self), postgres, marks)
        Self.addTenantRoutes(
            to: router.group(context: OrgRequestContext.self),
            postgres,
            CreateOnce(postgres: postgres, fingerprint: Fingerprint(secret: secret), upkeep: .creates),
            marks,
            indexPhones
        )
        let server = makeServer(
            router: router,
            config: try await ServerConfig(reader: reader.scoped(to: "http")),
            logger: logger,
            onServerRunning: onServerRunning
        )
        self.services = [postgres, indexPhones, SealTrails(postgres: postgres, logger: logger), server]
    }

    /// What services call for themselves, for any organizations.
    private static func addServiceRoutes(
        to router: some RouterMethods<ServiceRequestContext>,
        _ postgres: PostgresPool,
        _ marks: AddressMarks
    ) {
        let checkPolicy = CheckPolicy(postgres: postgres, marks: marks)
        ResolveRoutes(resolveCustomers: ResolveCustomers(postgres: postgres, checkPolicy: checkPolicy)).add(to: router)
        InboundRoutes(receiveMessages: ReceiveMessages(postgres: postgres)).add(to: router)
        PolicyRoutes(
            checkPolicy: checkPolicy,
            releaseSends: ReleaseSends(postgres: postgres),
            countSends: CountSends(postgres: postgres)
        ).add(to: router)
        ValueRoutes(customerValues: CustomerValues(postgres: postgres)).add(to: router)
        AudienceRoutes(postgres: postgres).add(to: router)
        BounceRoutes(postgres: postgres).add(to: router)
    }

    /// What the api-gateway forwards from tenants.
    private static func addTenantRoutes(
        to router: some RouterMethods<OrgRequestContext>,
        _ postgres: PostgresPool,
        _ createOnce: CreateOnce,
        _ marks: AddressMarks,
        _ indexPhones: IndexPhones
    ) {
        let erase = EraseCustomers(postgres: postgres, marks: marks)
        CustomerRoutes(
            createOnce: createOnce,
            updateCustomer: UpdateCustomer(postgres: postgres),
            mergeCustomers: MergeCustomers(postgres: postgres),
            deleteCustomer: DeleteCustomer(postgres: postgres, erase: erase),
            indexPhones: indexPhones,
            postgres: postgres
        ).add(to: router)
        CustomerBatchRoutes(createOnce: createOnce).add(to: router)
        ErasureRoutes { try await erase($0, for: $1) }.add(to: router)
        SubjectRoutes(postgres: postgres, marks: marks).add(to: router)
        IdentityRoutes(createOnce: createOnce, postgres: postgres).add(to: router)
        ConsentRoutes(putConsent: PutConsent(postgres: postgres), postgres: postgres).add(to: router)
        SuppressionRoutes(createOnce: createOnce, postgres: postgres).add(to: router)
        GroupRoutes(createOnce: createOnce, postgres: postgres).add(to: router)
        MemberRoutes(postgres: postgres).add(to: router)
        AuditRoutes(postgres: postgres).add(to: router)
    }
}
