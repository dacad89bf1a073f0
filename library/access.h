/*
 * Who may read a source, according to its mode and its POSIX ACL (acl(5)). The
 * kernel checks that for each file of the mount; this is for files that are
 * made from several sources, and for what is said about a source elsewhere.
 */
#ifndef LIBRARY_ACCESS_H
#define LIBRARY_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

struct library;

#define ACCESS_ACL "system.posix_acl_access"
#define ACCESS_DEFAULT_ACL "system.posix_acl_default"

/*
 * A source's ACL in the kernel's format: its size, or -errno (-ENODATA: none).
 */
ssize_t access_acl(const struct library *library, const char *path,
		   const char *name, void *acl, size_t size);

/* Whether everybody may read a file, apart from the folders above it. */
bool access_everybody(const struct library *library, const char *path,
		      const struct stat *st);

/*
 * A file's mode, restricted so that without the ACL it gives nobody more
 * rights.
 */
mode_t access_mode(const struct library *library, const char *path,
		   const struct stat *st);

/*
 * Whether all who may read `than` may read `path`, both in folders that they
 * may search. When in doubt, no: nobody knows who is in a group.
 */
bool access_no_less(const struct library *library, const char *path,
		    const struct stat *st, const char *than,
		    const struct stat *than_st);

/*
 * Whether all who may search the folder `than` may search `path`, too. When in
 * doubt, no.
 */
bool access_folder_no_less(const struct library *library, const char *path,
			   const char *than);

/*
 * Whether everybody may search a folder and all folders above it in the
 * library.
 */
bool access_folder(const struct library *library, const char *path);

#endif
