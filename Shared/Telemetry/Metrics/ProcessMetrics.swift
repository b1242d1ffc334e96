import Foundation

/// The process as the kernel sees it, under the names that every Prometheus client gives it.
package enum ProcessMetrics {
    /// In the text format of Prometheus; what can not be read is left out.
    package static var text: String {
        var text = PrometheusText()
        for (description, value) in self.values {
            guard let value else { continue }
            text.add(description)
            text.add(SeriesID(description.name, []), value: PrometheusText.number(value))
        }
        return text.text
    }

    private static var values: [(MetricDescription, Double?)] {
        let status = Status(try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8))
        return [
            (
                .counter("process_cpu_seconds_total", "Processor time of the process, in user and system mode."),
                status?.cpuSeconds
            ),
            (.gauge("process_resident_memory_bytes", "Memory of the process that is resident."), status?.residentBytes),
            (.gauge("process_virtual_memory_bytes", "Address space of the process."), status?.virtualBytes),
            (.gauge("process_threads", "Threads of the process."), status?.threads),
            (.gauge("process_start_time_seconds", "When the process started."), status?.startTime),
            (.gauge("process_open_fds", "Open file descriptors of the process."), self.openDescriptors),
            (.gauge("process_max_fds", "The most that it may have."), self.mostDescriptors),
        ]
    }

    private static var openDescriptors: Double? {
        // The one that reads the folder is among them.
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count - 1) }
    }

    private static var mostDescriptors: Double? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }

    /// What `/proc/self/stat` says (proc_pid_stat(5)).
    struct Status {
        let cpuSeconds: Double
        let residentBytes: Double
        let virtualBytes: Double
        let threads: Double
        let startTime: Double?

        init?(_ text: String?) {
            // The program's name stands in parentheses, and may hold both blanks and parentheses.
            guard let text, let end = text.lastIndex(of: ")") else { return nil }
            let fields = text[text.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
            // The first of them is the third of the file: its state.
            guard fields.count > 21 else { return nil }
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            self.cpuSeconds = (fields[11] + fields[12]) / ticks
            self.threads = fields[17]
            self.virtualBytes = fields[20]
            self.residentBytes = fields[21] * Double(sysconf(Int32(_SC_PAGESIZE)))
            self.startTime = Self.bootTime.map { $0 + fields[19] / ticks }
        }

        private static let bootTime: Double? = {
            guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8) else { return nil }
            let line = text.split(separator: "\n").first { $0.hasPrefix("btime ") }
            return line.flatMap { Double($0.dropFirst("btime ".count)) }
        }()
    }
}
