import Foundation

/// Says on standard error what is being done: a run takes long, and its table comes last.
struct Progress: Sendable {
    private let start = ContinuousClock.now

    func say(_ sentence: String) {
        let seconds = Int((ContinuousClock.now - self.start) / .seconds(1))
        let time = String(format: "%3d:%02d", seconds / 60, seconds % 60)
        try? FileHandle.standardError.write(contentsOf: Data("\(time)  \(sentence)\n".utf8))
    }
}
