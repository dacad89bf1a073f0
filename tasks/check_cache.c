/*
 * Checks the cache's owners. Whoever may write in the cache, or replace a
 * folder above it by another one or by a link, decides what is served from it
 * and where this process writes. So the whole path must be ours or root's, as
 * ssh(1) requires of its files. The path is walked name by name; what does not
 * exist yet will be made by us.
 */
#include "tasks/check.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct path_check {
	const char *cache;
	char done[PATH_MAX];
	char rest[PATH_MAX];
	unsigned links;
};

static int refuse_cache(const struct path_check *w, const char *what)
{
	log_error("cannot use the cache '%s': '%s' %s", w->cache, w->done,
		  what);
	return -EPERM;
}

static bool is_trusted_owner(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* A user's private group, which many systems create, counts as the user. */
static bool others_may_write(const struct stat *st)
{
	bool group = (st->st_mode & S_IWGRP) && st->st_gid != 0 &&
		     st->st_gid != getegid();

	return group || (st->st_mode & S_IWOTH);
}

static int check_folder(const struct path_check *w, const struct stat *st,
			bool last)
{
	if (last && st->st_uid != geteuid())
		return refuse_cache(w, "belongs to another user");
	if (!is_trusted_owner(st->st_uid) && *w->done)
		return refuse_cache(w, "belongs to another user");
	/* in a sticky folder others cannot touch our files */
	if (others_may_write(st) && (last || !(st->st_mode & S_ISVTX)))
		return refuse_cache(w, "can be written to by other users");
	return 0;
}

static int follow_part(struct path_check *w, const struct stat *st)
{
	char text[PATH_MAX];
	char rest[2 * PATH_MAX];
	ssize_t n;

	if (!is_trusted_owner(st->st_uid))
		return refuse_cache(w, "is a link of another user");
	n = readlink(w->done, text, sizeof(text) - 1);
	if (n < 0 || ++w->links > PATH_LINKS_MAX)
		return refuse_cache(w, strerror(n < 0 ? errno : ELOOP));
	text[n] = '\0';
	snprintf(rest, sizeof(rest), "%s/%s", text, w->rest);
	if (strlen(rest) >= sizeof(w->rest))
		return refuse_cache(w, strerror(ENAMETOOLONG));
	strcpy(w->rest, rest);
	*(*text == '/' ? w->done : strrchr(w->done, '/')) = '\0';
	return 0;
}

/* 1: nothing of that name exists yet. */
static int enter_part(struct path_check *w, const char *name)
{
	size_t used = strlen(w->done);
	struct stat st;

	if (strcmp(name, "..") == 0) {
		if (used > 0)
			*strrchr(w->done, '/') = '\0';
		return 0;
	}
	if (used + strlen(name) + 2 > sizeof(w->done))
		return refuse_cache(w, strerror(ENAMETOOLONG));
	snprintf(w->done + used, sizeof(w->done) - used, "/%s", name);
	if (lstat(w->done, &st) != 0)
		return errno == ENOENT ? 1 : refuse_cache(w, strerror(errno));
	if (S_ISLNK(st.st_mode))
		return follow_part(w, &st);
	return check_folder(w, &st, w->rest[strspn(w->rest, "/.")] == '\0');
}

static int step_part(struct path_check *w)
{
	size_t skipped = strspn(w->rest, "/");
	size_t n = strcspn(w->rest + skipped, "/");
	char name[NAME_MAX + 1];

	if (n > NAME_MAX)
		return refuse_cache(w, strerror(ENAMETOOLONG));
	snprintf(name, sizeof(name), "%.*s", (int)n, w->rest + skipped);
	memmove(w->rest, w->rest + skipped + n,
		strlen(w->rest + skipped + n) + 1);
	return *name && strcmp(name, ".") != 0 ? enter_part(w, name) : 0;
}

int check_cache_trust(const char *cache)
{
	auto_free struct path_check *w = calloc(1, sizeof(*w));
	int err = 0;

	if (!w)
		return -ENOMEM;
	w->cache = cache;
	if (strlen(cache) >= sizeof(w->rest))
		return refuse_cache(w, strerror(ENAMETOOLONG));
	strcpy(w->rest, cache);
	while (!err && *w->rest)
		err = step_part(w);
	return err < 0 ? err : 0;
}
