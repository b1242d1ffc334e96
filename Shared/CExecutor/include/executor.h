#ifndef HERALD_EXECUTOR_H
#define HERALD_EXECUTOR_H

/// Hands each piece of work of the process's tasks to `schedule`, from whatever thread; each is to be run once by
/// `herald_run_job`. To be called once, before any other task is started.
void herald_schedule_jobs(void (*schedule)(void *job));

/// Runs a piece of work until its task waits, on no executor's behalf: what it calls goes on without being queued anew.
void herald_run_job(void *job);

#endif
