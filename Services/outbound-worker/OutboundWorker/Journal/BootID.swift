import Foundation

/// What the kernel calls this boot of the machine: the same for all its processes, another after each start.
enum BootID {
    /// Empty when it can not be read, which no journal takes for its own.
    static func current() -> String {
        let bytes = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()
        return String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    }
}
