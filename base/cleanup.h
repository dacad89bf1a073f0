/*
 * Scope-bound ownership: a variable marked with one of these is released when
 * it leaves its scope; steal_ptr() and steal_fd() hand the thing to the caller
 * instead.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define cleanup(f) __attribute__((cleanup(f)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

/* Closes without touching errno, so that it can follow a failed call. */
static inline void cleanup_fd(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static inline void cleanup_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void cleanup_lock(pthread_mutex_t **mutex)
{
	pthread_mutex_unlock(*mutex);
}

static inline pthread_mutex_t *lock_taken(pthread_mutex_t *mutex)
{
	pthread_mutex_lock(mutex);
	return mutex;
}

#define auto_free cleanup(cleanup_free)
#define auto_fd cleanup(cleanup_fd)
#define auto_dir cleanup(cleanup_dir)
#define auto_file cleanup(cleanup_file)

/* Holds a mutex to the end of the scope; what is declared behind it is under
 * it, too. */
#define auto_lock(mutex)                                                       \
	__attribute__((unused)) cleanup(cleanup_lock)                          \
		pthread_mutex_t *auto_lock_ = lock_taken(mutex)

#define steal_ptr(p)                                                           \
	({                                                                     \
		__typeof__(p) steal_ptr_ = (p);                                \
		(p) = NULL;                                                    \
		steal_ptr_;                                                    \
	})

static inline int steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

#endif
