import Glibc

/// Processor time that this process has used: the measured machine lacks it when both are the same.
enum ProcessorTime {
    static var now: Duration {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Self.duration(usage.ru_utime) + Self.duration(usage.ru_stime)
    }

    private static func duration(_ time: timeval) -> Duration {
        .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }
}
