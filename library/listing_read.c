/* See listing_private.h. */
#include "library/listing_private.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/grow.h"
#include "base/log.h"
#include "base/path.h"
#include "base/visited.h"
#include "library/files.h"
#include "library/links.h"
#include "library/view.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <xxhash.h>

/* Two changes of a folder within this time may have the same time stamp. */
#define CLOCK_TICK_NS 20000000

/* Paths that have been logged; folders are listed again and again. */
enum { TOLD_MAX = 10000 };
static pthread_mutex_t told_lock = PTHREAD_MUTEX_INITIALIZER;
static struct visited told;
static unsigned told_count;

static bool is_new(const char *path)
{
	const struct stat hash = {.st_ino = XXH3_64bits(path, strlen(path))};
	bool is_new;
	auto_lock(&told_lock);

	if (told_count == TOLD_MAX) {
		visited_release(&told);
		told_count = 0;
	}
	is_new = visited_add(&told, &hash) != 0;
	told_count += is_new;
	return is_new;
}

static void tell_hidden(const char *path, const char *reason)
{
	if (is_new(path))
		log_info("'%s' is not shown: %s", path, reason);
}

/*
 * Its type; DT_UNKNOWN for what is not shown at all. Folders are looked at,
 * too, as our own mount may be bound there.
 */
static unsigned char type_of_entry(struct library *library, const char *path,
				   const struct dirent *entry)
{
	struct stat st;
	int err;

	if (entry->d_type == DT_REG)
		return DT_REG;
	if (entry->d_type != DT_LNK && entry->d_type != DT_DIR &&
	    entry->d_type != DT_UNKNOWN)
		return DT_UNKNOWN;
	err = library_stat(library, path, &st);
	if (err && entry->d_type == DT_DIR && err != -ELOOP)
		return DT_DIR; /* whoever enters it will be told */
	if (err) {
		tell_hidden(path, strerror(-err));
		return DT_UNKNOWN;
	}
	return S_ISDIR(st.st_mode) || S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)
		       ? (unsigned char)IFTODT(st.st_mode)
		       : DT_UNKNOWN;
}

/* `name` is that of the file, or of the file that a link leads to. */
static void classify(struct item *item, unsigned char type, const char *name,
		     const struct view *view)
{
	if (type == DT_DIR) {
		item->kind = ITEM_FOLDER;
	} else if (view->kind == VIEW_ORIGINAL) {
		item->kind = ITEM_FILE;
	} else {
		item->kind = kind_by_name(view, name);
		item->ask = needs_facts(view, name);
	}
}

/* A link that dangles is taken for what its target's name suggests. */
static int classify_link(struct library *library, struct listing *listing,
			 const struct view *view, const char *path,
			 struct item *item)
{
	auto_free char *text = NULL;
	struct stat st = {.st_mode = S_IFREG};
	int err = link_text(library, path, &text);

	if (err)
		return err;
	item->link = true;
	err = link_resolve(library, path, &item->target);
	if (!err)
		err = library_stat(library, item->target, &st);
	if (err == -ENOMEM)
		return err;
	if (err)
		atomic_store(&listing->settled, false);
	classify(item, (unsigned char)IFTODT(st.st_mode),
		 path_name(err ? text : item->target), view);
	item->ask &= !err;
	return 0;
}

static int fill_item(struct library *library, struct listing *listing,
		     const struct view *view, const struct dirent *entry,
		     struct item *item)
{
	auto_free char *path = path_join(listing->path, entry->d_name);
	unsigned char type =
		path ? type_of_entry(library, path, entry) : DT_UNKNOWN;
	int err = path ? 0 : -ENOMEM;

	*item = (struct item){.kind = ITEM_HIDDEN};
	if (type == DT_LNK) {
		err = classify_link(library, listing, view, path, item);
		if (err && err != -ENOMEM) {
			tell_hidden(path, err == -EXDEV ? "it leads out of the "
							  "library"
							: strerror(-err));
			err = 0;
		}
	} else if (type != DT_UNKNOWN) {
		classify(item, type, entry->d_name, view);
	}
	return err;
}

static int add_entry(struct library *library, struct listing *listing,
		     const struct view *view, const struct dirent *entry)
{
	struct item *item;
	int err;

	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return 0;
	if (!grow(listing->items, listing->count))
		return -ENOMEM;
	item = &listing->items[listing->count];
	err = fill_item(library, listing, view, entry, item);
	item->source = err ? NULL : strdup(entry->d_name);
	item->name = item->source;
	if (item->source && (item->kind != ITEM_HIDDEN || item->ask)) {
		listing->count++;
		return 0;
	}
	if (!item->source && !err)
		err = -ENOMEM;
	listing_release_item(item);
	return err;
}

/* If nothing is known, it is a disk of this machine. */
static bool is_remote(int folder)
{
	struct statfs fs;

	if (fstatfs(folder, &fs) != 0)
		return false;
	switch ((uint32_t)fs.f_type) {
	case AFS_FS_MAGIC:
	case AFS_SUPER_MAGIC:
	case CEPH_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case FUSE_SUPER_MAGIC:
	case NFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case V9FS_MAGIC:
		return true;
	default:
		return false;
	}
}

int listing_read(struct library *library, struct listing *listing,
		 const struct view *view)
{
	auto_dir DIR *dir = NULL;
	struct dirent *entry;
	struct stat st;
	int err = library_open_dir(library, listing->path, &dir);

	if (err)
		return err;
	if (fstat(dirfd(dir), &st) != 0)
		return -errno;
	listing->id = file_id_of(&st);
	listing->remote = is_remote(dirfd(dir));
	listing->settled =
		clock_wall_ns() - listing->id.ctime_ns > CLOCK_TICK_NS;
	while (!err && (errno = 0, entry = readdir(dir)))
		err = add_entry(library, listing, view, entry);
	return err ? err : -errno;
}
