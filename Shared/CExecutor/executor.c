#include "executor.h"

#include <stddef.h>

// Of the Swift runtime, whose functions have a calling convention of their own.
#define SWIFT_CALL __attribute__((swiftcall))

extern SWIFT_CALL void (*swift_task_enqueueGlobal_hook)(void *job, SWIFT_CALL void (*original)(void *job));
/// Both words of the executor are null for the one that is nobody's.
extern SWIFT_CALL void swift_job_run(void *job, void *executor, void *implementation);

static void (*scheduler)(void *job);

static SWIFT_CALL void enqueue(void *job, SWIFT_CALL void (*original)(void *job)) {
    (void)original;
    scheduler(job);
}

void herald_schedule_jobs(void (*schedule)(void *job)) {
    scheduler = schedule;
    swift_task_enqueueGlobal_hook = enqueue;
}

void herald_run_job(void *job) { swift_job_run(job, NULL, NULL); }
