import CExecutor
import NIOCore
import NIOPosix

#if compiler(>=6.4)
#error("Look whether the Swift runtime still has swift_task_enqueueGlobal_hook, and calls it.")
#endif

/// Runs the process's tasks on the threads of the event loops.
///
/// A request is then not handed from thread to thread on its way through. Nothing may block there; what blocks (libpq, libcurl)
/// has threads of its own.
///
/// NIO has the like (`unsafeTryInstallSingletonPosixEventLoopGroupAsConcurrencyGlobalExecutor`), which runs each piece of work
/// as an event loop's own: the first call of a function that is nobody's leaves it, and stands in the loop's queue anew. That is
/// most calls of libraries; and where a library holds a lock at that moment, whoever is next on the thread may wait for it for ever.
package enum EventLoopTasks {
    /// To be called once, before any other task is started.
    package static func begin() {
        unsafe herald_schedule_jobs { job in
            nonisolated(unsafe) let job = unsafe job
            // On the loop of this thread, where it has one.
            MultiThreadedEventLoopGroup.singleton.any().execute { unsafe herald_run_job(job) }
        }
    }
}
