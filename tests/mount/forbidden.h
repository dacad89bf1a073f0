/* What a worker must not be able to do, tried. For worker_taken.c. */
#ifndef FORBIDDEN_H
#define FORBIDDEN_H

#include "transcode/worker/link.h"

/*
 * Does what the file at `source` asks for, "try=WHAT;": "what-fails" all that
 * must be refused, else a system call that must kill. Gives an errno, with the
 * findings as the reason.
 */
int try_forbidden(struct link *link, int source);

#endif
