import Glibc

/// How many files and connections this process, and whatever it starts, may have open.
enum OpenFiles {
    /// As many as the system lets everybody have: a shell often gives 1,024, and a thousand clients need more on both sides.
    static func allowMost() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(resource, &limit)
    }
}
