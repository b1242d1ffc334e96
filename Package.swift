// swift-tools-version: 6.2
import PackageDescription

/// The settings of every target of ours; a dependency keeps its own.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
]

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let collections = product(name: "DequeModule", package: "swift-collections")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let heap = product(name: "HeapModule", package: "swift-collections")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let histogram = product(name: "Histogram", package: "hdrhistogram-swift")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let jwtKit = product(name: "JWTKit", package: "jwt-kit")
    static let logging = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "Metrics", package: "swift-metrics")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioFoundationCompat = product(name: "NIOFoundationCompat", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let subprocess = product(name: "Subprocess", package: "swift-subprocess")
    static let tracing = product(name: "Tracing", package: "swift-distributed-tracing")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let yams = product(name: "Yams", package: "Yams")
}

extension Target {
    /// A module under `Shared/`.
    static func shared(_ name: String, folder: String? = nil, _ dependencies: [Dependency]) -> Target {
        .target(name: name, dependencies: dependencies, path: "Shared/\(folder ?? name)", swiftSettings: strict)
    }

    /// A program: a library with everything in it, and an executable of `Main.swift` only, so that tests can start it.
    static func program(_ name: String, at path: String, module: String, _ dependencies: [Dependency]) -> [Target] {
        [
            .target(name: module, dependencies: dependencies, path: "\(path)/\(module)", swiftSettings: strict),
            .executableTarget(
                name: name,
                dependencies: [.byName(name: module)],
                path: path,
                exclude: [module, "README.md"],
                sources: ["Main.swift"],
                swiftSettings: strict
            ),
        ]
    }

    /// One of the six services: a library, what makes a program of it, and an executable of `Main.swift` only.
    static func service(
        _ name: String,
        module: String,
        _ dependencies: [Dependency],
        database: Bool,
        resources: [Resource] = []
    ) -> [Target] {
        [
            .target(
                name: module,
                dependencies: dependencies + ["Shared", "HTTPService", "InternalAPI", "Telemetry"]
                    + [
                        .configuration, .httpTypes, .hummingbird, .logging, .metrics, .nioCore, .serviceLifecycle,
                        .tracing,
                    ]
                    + (database ? ["AuditTrail", "Erasing", "Postgres"] : []),
                path: "Services/\(name)/\(module)",
                resources: (database ? [.embedInCode("Migrations")] : []) + resources,
                swiftSettings: strict
            ),
            .target(
                name: "\(module)Program",
                dependencies: [.byName(name: module), "InternalAPI", "Program", .asyncHTTPClient]
                    + (database ? ["Postgres"] : []),
                path: "Services/\(name)/Program",
                swiftSettings: strict
            ),
            .executableTarget(
                name: name,
                dependencies: [.byName(name: "\(module)Program"), "Program"],
                path: "Services/\(name)",
                exclude: [module, "Program", "README.md"],
                sources: ["Main.swift"],
                swiftSettings: strict
            ),
        ]
    }

    static func tests(_ name: String, _ dependencies: [Dependency], resources: [Resource] = []) -> Target {
        .testTarget(
            name: name,
            dependencies: dependencies + ["TestSupport"],
            path: "Tests/\(name)",
            resources: resources,
            swiftSettings: strict
        )
    }
}

let package = Package(
    name: "herald",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", exact: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", exact: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", exact: "1.0.2"),
        .package(url: "https://github.com/vapor/jwt-kit.git", exact: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "CLibPQ", path: "Shared/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CCurl",
            path: "Shared/CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .systemLibrary(name: "CProcess", path: "Shared/CProcess"),
        .target(
            name: "CExecutor",
            path: "Shared/CExecutor",
            cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]
        ),
        .systemLibrary(name: "CZlib", path: "Shared/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "CPhoneNumbers",
            path: "Shared/CPhoneNumbers",
            cxxSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)],
            // Of Debian's libphonenumber-dev, which has no description for pkg-config.
            linkerSettings: [.linkedLibrary("phonenumber"), .linkedLibrary("protobuf")]
        ),
        .shared("Shared", folder: "Models", []),
        .shared("PhoneNumbers", ["Shared", "CPhoneNumbers"]),
        .shared("Secrets", ["Shared", .configuration, .crypto]),
        .shared("Resealing", ["Postgres", "Secrets", "Shared", .logging, .metrics, .serviceLifecycle]),
        .shared("Batching", ["EventLoopTasks", .collections]),
        .shared(
            "Postgres",
            ["Shared", "CLibPQ", "Telemetry", .collections, .configuration, .logging, .metrics, .serviceLifecycle]
        ),
        .shared(
            "HTTPService",
            [
                "Shared", "Telemetry", .configuration, .httpTypes, .hummingbird, .hummingbirdCore, .jwtKit, .logging,
                .metrics, .nioCore, .nioHTTP1, .serviceLifecycle, .tracing, .unixSignals,
            ]
        ),
        .shared(
            "AuditTrail",
            ["HTTPService", "Postgres", "Shared", .crypto, .hummingbird, .logging, .serviceLifecycle]
        ),
        .shared("Idempotency", ["HTTPService", "Postgres", "Secrets", "Shared", .httpTypes, .hummingbird]),
        .shared("Erasing", ["HTTPService", "InternalAPI", "Postgres", "Shared", .hummingbird]),
        .shared(
            "InternalAPI",
            [
                "Shared", "Telemetry", .asyncHTTPClient, .metrics, .nioCore, .nioFoundationCompat, .nioHTTP1, .tracing,
            ]
        ),
        .shared(
            "Providers",
            [
                "CCurl", "EventLoopTasks", "Shared", .asyncHTTPClient, .crypto, .nioCore, .nioFoundationCompat,
                .nioHTTP1, .nioPosix,
            ]
        ),
        .shared(
            "Telemetry",
            [
                "Shared", .asyncHTTPClient, .configuration, .logging, .metrics, .nioCore, .nioHTTP1, .serviceLifecycle,
                .tracing,
            ]
        ),
        .shared(
            "Program",
            [
                "CProcess", "EventLoopTasks", "HTTPService", "Shared", "Telemetry", .configuration, .logging,
                .serviceLifecycle,
            ]
        ),
        .shared("EventLoopTasks", ["CExecutor", .nioCore, .nioPosix]),
        .shared("FaultPoints", []),
        .shared("TestClient", ["Shared", .asyncHTTPClient, .nioCore, .nioHTTP1]),
        .shared(
            "TestSupport",
            [
                "Shared", "Postgres", "TestClient", .asyncHTTPClient, .configuration, .logging, .nioCore, .nioHTTP1,
                .serviceLifecycle,
                .subprocess, .yams,
            ]
        ),
        .tests(
            "SharedTests",
            [
                "Batching", "CProcess", "EventLoopTasks", "InternalAPI", "PhoneNumbers", "Secrets", "Shared",
                "Telemetry", .configuration, .logging, .metrics, .tracing,
            ]
        ),
        .tests(
            "AuditTrailTests",
            [
                "APIGateway", "AuditTrail", "ConversationService", "CustomerService", "InboundGateway",
                "MessagingService", "Postgres", "Shared",
            ]
        ),
        .tests("PostgresTests", ["Postgres", "Shared", .configuration, .logging, .serviceLifecycle]),
        .tests(
            "HTTPServiceTests",
            [
                "HTTPService", "InternalAPI", "Telemetry", .asyncHTTPClient, .httpTypes, .hummingbird,
                .hummingbirdTesting, .logging, .metrics, .nioCore, .nioEmbedded, .nioHTTP1, .serviceLifecycle, .tracing,
            ]
        ),
        .tests(
            "ProvidersTests",
            ["Providers", "ProviderStub", "Shared", "CCurl", .asyncHTTPClient, .nioCore, .nioHTTP1, .subprocess],
            resources: [.copy("Fixtures")]
        ),
        .tests(
            "APIGatewayTests",
            ["APIGateway", "HTTPService", "InternalAPI", "Postgres", .hummingbirdTesting, .yams]
        ),
        .tests(
            "InboundGatewayTests",
            [
                "InboundGateway", "HTTPService", "InternalAPI", "Postgres", "Providers", "Secrets", "Telemetry",
                .hummingbirdTesting,
            ]
        ),
        .tests(
            "CustomerServiceTests",
            ["CustomerService", "HTTPService", "InternalAPI", "Postgres", .hummingbirdTesting]
        ),
        .tests(
            "ConversationServiceTests",
            ["ConversationService", "HTTPService", "InternalAPI", "Postgres", .hummingbirdTesting]
        ),
        .tests(
            "MessagingServiceTests",
            [
                "MessagingService", "ProviderStub", "HTTPService", "InternalAPI", "Postgres", "Resealing", "Secrets",
                "Telemetry", .hummingbirdTesting, .metrics, .tracing,
            ]
        ),
        .tests(
            "OutboundWorkerTests",
            [
                "OutboundWorker", "HTTPService", "InternalAPI", "Providers", "Shared", "Telemetry", .configuration,
                .hummingbird, .logging, .serviceLifecycle,
            ]
        ),
        .tests("HeraldCommandTests", ["HeraldCommand"]),
        .tests("ChaosTests", ["Chaos", "FaultPoints", "Installation"]),
        .tests(
            "EndToEndTests",
            [
                "APIGateway", "InboundGateway", "CustomerService", "ConversationService", "MessagingService",
                "OutboundWorker", "ProviderStub", "HTTPService", "InternalAPI", "Postgres", "Secrets", "Providers",
                "Telemetry", .asyncHTTPClient, .configuration, .crypto, .nioCore, .nioHTTP1, .subprocess,
            ]
        ),
        .tests(
            "EngineTests",
            [
                "APIGateway", "InboundGateway", "CustomerService", "ConversationService", "MessagingService",
                "OutboundWorker", "Installation", "ProviderStub", "HTTPService", "InternalAPI", "Postgres", "Secrets",
                "Providers", .asyncHTTPClient, .crypto, .hummingbird, .nioCore, .nioHTTP1, .subprocess,
            ]
        ),
        .tests(
            "LoadTests",
            ["HTTPService", "Installation", "Load", "Shared", .argumentParser, .hummingbird, .logging, .nioCore]
        ),
        .tests("SimulationTests", ["MessagingService", "OutboundWorker", "InternalAPI", "Shared"]),
        .tests("RepositoryTests", ["APIGateway", "Shared"]),
    ]
        + Target.service(
            "api-gateway",
            module: "APIGateway",
            ["Batching", "Idempotency", "Secrets", .asyncHTTPClient, .crypto, .nioHTTP1],
            database: true,
            resources: [.embedInCode("OpenAPI")]
        )
        + Target.service(
            "inbound-gateway",
            module: "InboundGateway",
            ["Batching", "FaultPoints", "Providers", "Resealing", "Secrets", .asyncHTTPClient, .crypto, .metrics],
            database: true
        )
        + Target.service(
            "customer-service",
            module: "CustomerService",
            ["Batching", "Idempotency", "PhoneNumbers", "Secrets", .asyncHTTPClient],
            database: true
        )
        + Target.service(
            "conversation-service",
            module: "ConversationService",
            ["Batching", .asyncHTTPClient],
            database: true
        )
        + Target.service(
            "messaging-service",
            module: "MessagingService",
            [
                "Batching", "CZlib", "EventLoopTasks", "FaultPoints", "Idempotency", "PhoneNumbers", "Providers",
                "Resealing", "Secrets", .asyncHTTPClient, .collections, .crypto, .heap,
            ],
            database: true
        )
        + Target.service(
            "outbound-worker",
            module: "OutboundWorker",
            ["Batching", "EventLoopTasks", "FaultPoints", "Providers", .asyncHTTPClient, .collections],
            database: false
        )
        + Target.program(
            "herald",
            at: "Services/herald",
            module: "HeraldCommand",
            ["Shared", .argumentParser, .asyncHTTPClient, .nioCore, .nioFoundationCompat, .nioHTTP1]
        )
        + Target.program(
            "provider-stub",
            at: "Tests/Lab/ProviderStub",
            module: "ProviderStub",
            [
                "EventLoopTasks", .argumentParser, .asyncHTTPClient, .crypto, .hummingbird, .httpTypes, .logging,
                .nioCore, .nioHTTP1, .serviceLifecycle, .unixSignals,
            ]
        )
        + Target.program(
            "load",
            at: "Tests/Lab/Load",
            module: "Load",
            [
                "EventLoopTasks", "Installation", "Postgres", "Providers", "Shared", "TestClient", .argumentParser,
                .asyncHTTPClient, .collections, .crypto, .histogram, .nioCore, .nioFoundationCompat, .nioHTTP1,
                .nioPosix, .unixSignals,
            ]
        )
        + Target.program(
            "chaos",
            at: "Tests/Lab/Chaos",
            module: "Chaos",
            [
                "FaultPoints", "Installation", "Postgres", "ProviderStub", "Shared", "TestClient", .argumentParser,
                .nioCore, .nioPosix, .unixSignals,
            ]
        )
        + [
            .target(
                name: "Installation",
                dependencies: ["Postgres", "ProviderStub", "Shared", "TestClient", .crypto, .nioHTTP1, .subprocess],
                path: "Tests/Lab/Installation",
                swiftSettings: strict
            ),
            .executableTarget(
                name: "herald-all",
                dependencies: [
                    "APIGatewayProgram", "ConversationServiceProgram", "CustomerServiceProgram", "HeraldCommand",
                    "InboundGatewayProgram", "MessagingServiceProgram", "OutboundWorkerProgram", "Program",
                ],
                path: "Services/all",
                swiftSettings: strict
            ),
        ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
