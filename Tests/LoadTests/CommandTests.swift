import ArgumentParser
import Foundation
import Testing

@testable import Load

/// What is understood, and what is refused before anything is started.
@Suite struct CommandTests {
    @Test(arguments: [
        ["all", "--only", "nothing"], ["all", "--only", ""], ["all", "--rows", "10"], ["all", "--queued", "0"],
        ["all", "--minutes", "0"], ["everything"], ["create", "--url", "http://127.0.0.1:1"],
        ["create", "--rate", "0"], ["create", "--short", "--url", "http://127.0.0.1:1", "--key", "k"],
        ["drain", "--stub", "http://127.0.0.1:1"], ["drain", "--url", "http://127.0.0.1:1", "--key", "k"],
        ["webhooks", "--inbound", "http://127.0.0.1:1"], ["create", "--url", "here", "--key", "k"],
        ["create", "--url", "http://127.0.0.1:1", "--key", "a b"],
    ])
    func badArgumentsAreRefused(arguments: [String]) {
        #expect(throws: (any Error).self) { try LoadCommand.parseAsRoot(arguments) }
    }

    @Test func scenariosAreMeasuredInTheirOwnOrder() throws {
        let command = try #require(try LoadCommand.parseAsRoot(["all", "--only", "drain,create"]) as? AllLoad)
        #expect(command.only == [.create, .drain])
        let all = try #require(try LoadCommand.parseAsRoot(["all", "--short"]) as? AllLoad)
        #expect(all.only == ScenarioName.allCases)
        #expect(all.options.sizes.form == .short)
    }

    @Test func whatLeavesMuchBehindHasAnInstallationOfItsOwn() {
        let all = ScenarioName.allCases
        #expect(MeasureAll.groups(all, .short) == [all])
        #expect(MeasureAll.groups(all, .full) == [Array(all.dropLast(3)), [.soak], [.fair], [.growth]])
        #expect(MeasureAll.groups([.growth, .fair], .full) == [[.growth], [.fair]])
        #expect(MeasureAll.groups([], .short).isEmpty)
    }

    @Test(arguments: ["batch", "sustained", "memory", "overload", "slow-commit", "soak", "fair", "growth"])
    func aScenarioIsACommand(name: String) throws {
        let command = try LoadCommand.parseAsRoot([name, "--short"])
        #expect(command is any Load.Measurement)
        #expect(type(of: command).configuration.commandName == name)
    }

    @Test func sizesAreThoseOfTheFormUnlessTold() throws {
        #expect(try Sizes.parse([]).historyRows == 10_000_000)
        #expect(try Sizes.parse(["--short"]).queuedRows == 10_000)
        #expect(try Sizes.parse(["--rows", "5000"]).historyRows == 5000)
        #expect(try Sizes.parse([]).length(minutes: 10, shortSeconds: 5) == .seconds(600))
        #expect(try Sizes.parse(["--short"]).length(minutes: 10, shortSeconds: 5) == .seconds(5))
        #expect(try Sizes.parse(["--short", "--minutes", "2"]).length(minutes: 10, shortSeconds: 5) == .seconds(120))
    }
}
