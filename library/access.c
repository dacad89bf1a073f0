/* See access.h. An ACL is read as the kernel gives it
 * (linux/posix_acl_xattr.h). */
#include "library/access.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "library/files.h"

#include <endian.h>
#include <errno.h>
#include <linux/posix_acl_xattr.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

enum { ACL_MAX = 4096, MAY_READ = 4, MAY_SEARCH = 1 };

ssize_t access_acl(const struct library *library, const char *path,
		   const char *name, void *acl, size_t size)
{
	auto_fd int fd = library_open_path(library, path);
	char place[32];
	ssize_t n;

	if (fd < 0)
		return fd;
	/* a descriptor opened with O_PATH gives no attributes */
	snprintf(place, sizeof(place), "/proc/self/fd/%d", fd);
	n = getxattr(place, name, acl, size);
	return n < 0 ? -errno : n;
}

struct acl {
	ssize_t size; /* 0: no ACL */
	union {
		struct posix_acl_xattr_header header;
		char bytes[ACL_MAX];
	};
};

/* False: it cannot be read, or is unreasonably long. */
static bool read_acl(const struct library *library, const char *path,
		     struct acl *acl)
{
	acl->size = access_acl(library, path, ACCESS_ACL, acl->bytes, ACL_MAX);
	if (acl->size == -ENODATA || acl->size == -EOPNOTSUPP)
		acl->size = 0;
	return acl->size >= 0;
}

/* Every entry of the ACL; without one, every class of the mode. */
static bool all_have(const struct acl *acl, mode_t mode, unsigned right)
{
	const struct posix_acl_xattr_entry *entry =
		(const void *)(acl->bytes + sizeof(acl->header));
	size_t left = (size_t)acl->size;

	if (((mode >> 6) & (mode >> 3) & mode & right) != right)
		return false;
	if (left == 0)
		return true;
	for (left -= sizeof(acl->header); left >= sizeof(*entry); entry++) {
		if ((le16toh(entry->e_perm) & right) != right)
			return false;
		left -= sizeof(*entry);
	}
	return true;
}

static bool same_acl(const struct acl *a, const struct acl *b)
{
	return a->size == b->size &&
	       memcmp(a->bytes, b->bytes, (size_t)a->size) == 0;
}

bool access_everybody(const struct library *library, const char *path,
		      const struct stat *st)
{
	struct acl acl;

	return read_acl(library, path, &acl) &&
	       all_have(&acl, st->st_mode, MAY_READ);
}

mode_t access_mode(const struct library *library, const char *path,
		   const struct stat *st)
{
	struct acl acl;

	if (!read_acl(library, path, &acl))
		return 0;
	if (acl.size == 0 || all_have(&acl, st->st_mode, MAY_READ))
		return st->st_mode & 0666;
	return st->st_mode & 0600;
}

bool access_no_less(const struct library *library, const char *path,
		    const struct stat *st, const char *than,
		    const struct stat *than_st)
{
	struct acl acl, other;
	mode_t lacks;

	if (!read_acl(library, path, &acl) || !read_acl(library, than, &other))
		return false;
	if (all_have(&acl, st->st_mode, MAY_READ))
		return true;
	lacks = than_st->st_mode & ~st->st_mode & 0444;
	return lacks == 0 && st->st_uid == than_st->st_uid &&
	       st->st_gid == than_st->st_gid && same_acl(&acl, &other);
}

static bool searchable(const struct library *library, const char *path)
{
	struct stat st;
	struct acl acl;

	return library_stat(library, path, &st) == 0 &&
	       read_acl(library, path, &acl) &&
	       all_have(&acl, st.st_mode, MAY_SEARCH);
}

bool access_folder(const struct library *library, const char *path)
{
	auto_free char *above = strdup(path);
	bool right = above && searchable(library, "");

	while (right && *above) {
		right = searchable(library, above);
		above[path_folder_size(above)] = '\0';
	}
	return right;
}

static bool lies_above(const char *path, const char *folder)
{
	size_t n = strlen(path);

	return n == 0 || (strncmp(path, folder, n) == 0 &&
			  (folder[n] == '\0' || folder[n] == '/'));
}

/* Whoever has rights on one has them on the other. */
static bool same_rights(const struct library *library, const char *path,
			const char *than)
{
	struct stat st, other_st;
	struct acl acl, other;

	return library_stat(library, path, &st) == 0 &&
	       library_stat(library, than, &other_st) == 0 &&
	       read_acl(library, path, &acl) &&
	       read_acl(library, than, &other) &&
	       (other_st.st_mode & ~st.st_mode & 0111) == 0 &&
	       st.st_uid == other_st.st_uid && st.st_gid == other_st.st_gid &&
	       same_acl(&acl, &other);
}

/* Whoever is in `than` has come through all folders above it. */
bool access_folder_no_less(const struct library *library, const char *path,
			   const char *than)
{
	auto_free char *above = strdup(path);
	bool right = above;

	while (right && !lies_above(above, than)) {
		right = searchable(library, above) ||
			same_rights(library, above, than);
		above[path_folder_size(above)] = '\0';
	}
	return right;
}
