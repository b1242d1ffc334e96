#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

// Swift imports no variadic function, and `prctl` is variadic.

/// Keeps this process's memory to itself: no core file, none by a pipe either, and no other process of the same user may read
/// its memory or its environment. Returns 0, or -1 with errno.
static inline int herald_keep_memory_private(void) {
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return -1;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/// Gives back to the system whole pages that malloc keeps and nobody uses, once `bytes` more are free than after the last time:
/// what was given back counts as free for malloc, and may be in use and free again by the next time, so that a sixteenth of
/// `bytes` is forgotten each time. From one thread at a time.
static inline void herald_give_memory_back(size_t bytes) {
    static size_t known = 0;
    const size_t free = mallinfo2().fordblks;
    known -= known < bytes / 16 ? known : bytes / 16;
    if (free < known) known = free;
    if (free - known <= bytes) return;
    malloc_trim(0);
    known = mallinfo2().fordblks;
}
