import Foundation

/// The programs of the services, which check their settings by themselves.
struct ServicePrograms {
    /// A program that does not end by then hangs: it waits 3 s for a database at most.
    private static let limit: TimeInterval = 30

    private let folder: String

    /// - Throws: `CommandFailure` when one is missing.
    init(folder: String) throws(CommandFailure) {
        self.folder = folder
        for service in ServiceSettings.services
        where !FileManager.default.isExecutableFile(atPath: "\(folder)/\(service)") {
            throw .usage("There is no program \(service) in \(PlainText.of(folder)): give --bin.")
        }
    }

    /// The folder of this program.
    static var ownFolder: String {
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
        return URL(filePath: path).deletingLastPathComponent().path
    }

    /// Has a service check its settings and what they name.
    ///
    /// - Returns: a line for each finding; none when all is well.
    func check(_ service: String, with settings: [String: String]) throws(CommandFailure) -> [String] {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "\(self.folder)/\(service)")
        process.arguments = ["check", "--live"]
        process.environment = settings
        (process.standardOutput, process.standardError) = (output, output)
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch { throw .usage("\(service) can not be started: \(PlainText.of("\(error)")).") }
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + Self.limit)
        timer.setEventHandler { process.terminate() }
        timer.resume()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        timer.cancel()
        guard process.terminationReason != .exit || process.terminationStatus != 0 else { return [] }
        // Its log is no finding.
        let lines = said.split(separator: "\n").filter { !$0.hasPrefix("{") }.map { PlainText.of(String($0)) }
        return lines.isEmpty ? ["\(service): it ended without a word (\(process.terminationStatus))."] : lines
    }
}
