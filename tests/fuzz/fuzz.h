/* For targets of libFuzzer: its entry, bytes as a file, and a folder. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <ftw.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What must hold of any input; assert() would be gone in a release. */
#define fuzz_holds(condition)                                                  \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: does not hold: %s\n",          \
				__FILE__, __LINE__, #condition);               \
			abort();                                               \
		}                                                              \
	} while (0)

/* A file in memory; the caller closes it. */
static inline int fuzz_file(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	fuzz_holds(fd >= 0);
	fuzz_holds(write(fd, bytes, size) == (ssize_t)size);
	return fd;
}

static char fuzz_made[] = "/tmp/groovefs-fuzz-XXXXXX";

static inline int fuzz_remove_one(const char *path, const struct stat *st,
				  int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void fuzz_remove(void)
{
	nftw(fuzz_made, fuzz_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A folder that goes with the process. Once. */
static inline const char *fuzz_folder(void)
{
	fuzz_holds(mkdtemp(fuzz_made));
	fuzz_holds(atexit(fuzz_remove) == 0);
	return fuzz_made;
}

#endif
