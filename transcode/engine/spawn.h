/* How a worker comes to be, with nothing of the daemon but what it needs. */
#ifndef TRANSCODE_ENGINE_SPAWN_H
#define TRANSCODE_ENGINE_SPAWN_H

#include <sys/types.h>

/*
 * Runs the program that the descriptor `program` leads to (O_PATH is enough;
 * its path may lead to another one by now), with these three as its
 * WORKER_..._FD. They all stay the caller's. -errno when it cannot be started.
 */
int spawn_worker(int program, int socket, int ring, int pool, pid_t *pid);

#endif
