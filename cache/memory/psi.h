/*
 * Pressure stall information: for how long tasks had to wait for memory (Linux,
 * Documentation/accounting/psi.rst). One thread at a time. Internal to cache/.
 */
#ifndef CACHE_MEMORY_PSI_H
#define CACHE_MEMORY_PSI_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct psi {
	int fd;		/* -1: there is none */
	bool trigger;	/* the kernel tells when there is pressure */
	uint64_t total; /* microseconds of stalls at the last look */
};

/*
 * Opens `path`; where that is not to be had, there is never pressure. A file of
 * the kernel's is told to wake who polls, if it lets us: a tenth of one second
 * of stalls, or of two where only root may ask for one. Else it is read.
 */
void psi_open(struct psi *psi, const char *path);
void psi_release(struct psi *psi);

/* What to poll for; ignored by poll(2) if there is no trigger. */
struct pollfd psi_pollfd(const struct psi *psi);

/*
 * Whether there was pressure since the last look, which was about a second ago
 * if there is no trigger. `events` is what poll(2) found.
 */
bool psi_pressed(struct psi *psi, short events);

#endif
