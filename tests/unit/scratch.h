/*
 * What the unit tests share: a directory of their own, the log's lines, a
 * random generator whose seed is printed.
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A new directory below TMPDIR; free with scratch_remove(). */
static inline char *scratch_make(void)
{
	const char *parent = getenv("TMPDIR");
	char *path;

	assert_true(asprintf(&path, "%s/groovefs-unit-XXXXXX",
			     parent ? parent : "/tmp") > 0);
	assert_non_null(mkdtemp(path));
	return path;
}

static inline int scratch_remove_one(const char *path, const struct stat *st,
				     int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void scratch_remove(char *path)
{
	nftw(path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(path);
}

/* "directory/name", to be freed. */
static inline char *scratch_path(const char *directory, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	return path;
}

/* Makes "directory/name" hold `text`. */
static inline void scratch_write(const char *directory, const char *name,
				 const char *text)
{
	char *path = scratch_path(directory, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ssize_t size = (ssize_t)strlen(text);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, text, (size_t)size, 0), size);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
	free(path);
}

/* Mounts a tmpfs on `path`; false, with the reason printed, if it cannot. */
static inline bool scratch_mount(const char *path, const char *options)
{
	if (mount("groovefs-unit", path, "tmpfs", 0, options) == 0)
		return true;
	printf("# skipped: cannot mount a tmpfs: %s\n", strerror(errno));
	return false;
}

/* Whether there is a /proc, which a chroot may lack; else it is said. */
static inline bool scratch_proc(void)
{
	if (access("/proc/self", F_OK) == 0)
		return true;
	printf("# skipped: there is no /proc\n");
	return false;
}

/* Sends stderr to a file, gives what is to be handed to scratch_log_end(). */
static inline int scratch_log_begin(const char *path)
{
	int saved = dup(STDERR_FILENO);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(saved >= 0 && fd >= 0);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	close(fd);
	return saved;
}

/* The text that was logged, to be freed. */
static inline char *scratch_log_end(int saved)
{
	char *text = calloc(1, 65536);

	assert_non_null(text);
	assert_true(pread(STDERR_FILENO, text, 65535, 0) >= 0);
	dup2(saved, STDERR_FILENO);
	close(saved);
	return text;
}

/* How often `word` occurs in `text`. */
static inline unsigned scratch_count(const char *text, const char *word)
{
	unsigned n = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

/* SEED in the environment repeats a run. */
static inline uint64_t scratch_seed(void)
{
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0)
			      : (uint64_t)time(NULL) << 16 ^ (uint64_t)getpid();

	printf("# SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	return seed;
}

/* splitmix64 */
static inline uint64_t scratch_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

#endif
