import Foundation
import InternalAPI

/// What the worker remembers of the database whose work it does: the file `epoch` beside its journal.
///
///     outbound-1 6F9619FF-8B86-D011-B42D-00CF4FC964FF 86400
struct WorkerMemory: Sendable {
    let path: String
    /// A folder may be handed to another worker, which was never counted under this name.
    let worker: String

    init(path: String, worker: String) {
        self.path = path
        self.worker = worker
    }

    /// Beside the journal of a slot.
    init(of slot: WorkerSlot, worker: String) {
        self.init(path: "\(slot.path)/epoch", worker: worker)
    }

    /// Nothing when it is not there, or can not be read.
    func read() -> MessagingAPI.Memory {
        let text = FileManager.default.contents(atPath: self.path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 3, words[0] == self.worker, let epoch = UUID(uuidString: String(words[1])),
            let beats = Int64(words[2]), beats >= 0
        else { return MessagingAPI.Memory(epoch: nil, beats: 0) }
        return MessagingAPI.Memory(epoch: epoch, beats: beats)
    }

    func write(_ memory: MessagingAPI.Memory) throws {
        guard let epoch = memory.epoch else { return }
        let file = JournalFile(path: self.path)
        try file.replace(with: Array("\(self.worker) \(epoch.uuidString) \(memory.beats)\n".utf8))
    }
}
