/*
 * Takes everything from this process, for good, except reading the descriptors
 * it is given, memory, and the socket it has: no file by name, no network, no
 * process, no executable memory, no way to gain privileges.
 *
 * Everything that a library loads on first use must have been used before.
 */
#ifndef WORKER_SANDBOX_H
#define WORKER_SANDBOX_H

#include <stdint.h>

/*
 * 0, or a negative errno with fail_text() naming the step. A kernel without
 * Landlock is not a failure: seccomp alone refuses the same calls. `mapped`
 * bytes of address space are in use already, and do not count against its
 * limit.
 */
int sandbox_enter(uint64_t mapped);

/* Closes every descriptor from `first` on. */
int sandbox_close_from(unsigned first);

#endif
