import Foundation
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: [], role: "postgres_tests"))
struct ValueTests {
    let connection = TestDatabase.connection

    @Test(arguments: [0, 1.5, -0.1, 1e300, .leastNonzeroMagnitude, .infinity, -.infinity, 0.1 + 0.2])
    func doublesComeBackTheSame(value: Double) async throws {
        let rows = try await self.connection.query("SELECT \(value)::float8 AS v, \([value])::float8[] AS vs")
        #expect(try rows[0].get("v") == value)
        #expect(try rows[0].get("vs") == [value])
    }

    @Test func notANumberComesBack() async throws {
        let rows = try await self.connection.query("SELECT \(Double.nan)::float8 AS v")
        #expect(try rows[0].get("v", as: Double.self).isNaN)
    }

    @Test(arguments: [Int64.min, -1, 0, .max]) func integersComeBackTheSame(value: Int64) async throws {
        let rows = try await self.connection.query(
            "SELECT \(value)::bigint AS v, \([value])::bigint[] AS vs, \(Int(value))::bigint AS i, \([Int(value)])::bigint[] AS n"
        )
        #expect(try rows[0].get("v") == value)
        #expect(try rows[0].get("vs") == [value])
        #expect(try rows[0].get("i") == Int(value))
        #expect(try rows[0].get("n") == [Int(value)])
    }

    @Test(arguments: [[], [0], [0, 255, 92, 34], Array(0...255)] as [[UInt8]])
    func bytesComeBackTheSame(bytes: [UInt8]) async throws {
        let value = ByteArray(bytes: bytes)
        let rows = try await self.connection.query(
            "SELECT \(value)::bytea AS v, \([value, value])::bytea[] AS vs, octet_length(\(value)::bytea) AS length"
        )
        #expect(try rows[0].get("v") == value)
        #expect(try rows[0].get("vs") == [value, value])
        #expect(try rows[0].get("length") == bytes.count)
    }

    @Test(arguments: ["\\x0", "\\x0g", "x00", "00", ""]) func whatIsNotHexadecimalIsNoByteArray(text: String) {
        #expect(ByteArray(postgresText: text) == nil)
    }

    @Test(arguments: [
        "2026-11-21T10:00:00.123456Z", "1999-12-31T23:59:59.000001Z", "2024-02-29T00:00:00.000000Z",
        "1969-12-31T23:59:59.999999Z",
    ])
    func timesComeBackToTheMicrosecond(text: String) async throws {
        let time = try #require(Timestamp(text))
        let rows = try await self.connection.query(
            "SELECT \(time)::timestamptz AS v, \([time, nil])::timestamptz[] AS vs, \([time])::timestamptz[] AS us"
        )
        #expect(try rows[0].get("v") == time)
        #expect(try rows[0].get("us") == [time])
        #expect(try rows[0].get("vs", as: String.self).hasSuffix(",NULL}"))
    }

    @Test func jsonGoesAsText() async throws {
        let json = JSONText(text: #"{"a": "quote \" and \\ and ä"}"#)
        let rows = try await self.connection.query(
            "SELECT \(json)::json AS v, \(json)::jsonb ->> 'a' AS a, (\([json])::json[])[1] ->> 'a' AS b"
        )
        #expect(try rows[0].get("v") == json)
        #expect(try rows[0].get("a") == #"quote " and \ and ä"#)
        #expect(try rows[0].get("b") == #"quote " and \ and ä"#)
    }

    @Test func uuidsAreReadInTheFormThatPostgresWrites() throws {
        let text = "0123abcd-4567-89ef-fedc-ba9876543210"
        let uuid = try #require(UUID(postgresText: text))
        #expect(uuid.uuidString.lowercased() == text)
        #expect(uuid.postgresText == text)
        for bad in [
            "", text + "0", "0123abcd-4567-89ef-fedc-ba987654321", "0123abcd+4567-89ef-fedc-ba9876543210",
            "g" + text.dropFirst(),
        ] {
            #expect(UUID(postgresText: bad) == nil)
        }
    }

    @Test func aColumnThatIsMissingNullOrOfAnotherTypeIsNamed() async throws {
        let rows = try await self.connection.query("SELECT 'x' AS text, NULL::int AS none, 1 AS one")
        #expect(throws: PostgresError.decoding(column: "text", type: "Int")) { try rows[0].get("text", as: Int.self) }
        #expect(throws: PostgresError.decoding(column: "none", type: "Int")) { try rows[0].get("none", as: Int.self) }
        #expect(throws: PostgresError.decoding(column: "gone", type: "Int")) { try rows[0].get("gone", as: Int.self) }
        #expect(throws: PostgresError.decoding(column: "gone", type: "Int")) {
            try rows[0].getIfPresent("gone", as: Int.self)
        }
        #expect(throws: PostgresError.decoding(column: "text", type: "Int")) {
            try rows[0].getIfPresent("text", as: Int.self)
        }
        #expect(try rows[0].getIfPresent("none", as: Int.self) == nil)
        #expect(try rows[0].getIfPresent("one", as: Int.self) == 1)
    }

    @Test func everyCellOfManyRowsIsFoundBesideNulls() async throws {
        let rows = try await self.connection.query(
            """
            SELECT n, nullif(n % 3, 0) AS a, nullif(n % 2, 0) AS b, '' AS c, repeat('x', n) AS d, NULL AS e
              FROM generate_series(1, 300) AS n
            """
        )
        for (row, n) in zip(rows, 1...300) {
            #expect(try row.get("n") == n)
            #expect(try row.getIfPresent("a", as: Int.self) == (n % 3 == 0 ? nil : n % 3))
            #expect(try row.getIfPresent("b", as: Int.self) == (n % 2 == 0 ? nil : n % 2))
            #expect(try row.get("c") == "")
            #expect(try row.get("d") == String(repeating: "x", count: n))
            #expect(try row.getIfPresent("e", as: String.self) == nil)
        }
    }
}
