/*
 * See folded.h. A folder is read once, and its names are kept sorted by their
 * folded form.
 */
#include "library/folded.h"

#include "base/cleanup.h"
#include "base/errors.h"
#include "base/grow.h"
#include "library/files.h"
#include "library/links.h"
#include "library/names.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* One name by which a file of a folder may be meant. */
struct folded_name {
	char *key;
	char *name;
};

struct folder_names {
	char *path;
	struct folded_name *names; /* by key, then by name */
	size_t count;
};

static int compare_folders(const void *a, const void *b)
{
	return strcmp(((const struct folder_names *)a)->path,
		      ((const struct folder_names *)b)->path);
}

static int compare_folded(const void *a, const void *b)
{
	const struct folded_name *x = a;
	const struct folded_name *y = b;
	int order = strcmp(x->key, y->key);

	return order ? order : strcmp(x->name, y->name);
}

static void free_folder(void *data)
{
	struct folder_names *folder = data;

	for (size_t i = 0; i < folder->count; i++) {
		free(folder->names[i].key);
		free(folder->names[i].name);
	}
	free(folder->names);
	free(folder->path);
	free(folder);
}

void folded_release(struct folded *folded)
{
	tdestroy(folded->folders, free_folder);
	folded->folders = NULL;
}

/* A name that is not UTF-8 only equals itself. NULL: no memory. */
static char *fold(const char *name)
{
	utf8proc_uint8_t *folded;
	utf8proc_ssize_t n =
		utf8proc_map((const utf8proc_uint8_t *)name, 0, &folded,
			     UTF8PROC_NULLTERM | UTF8PROC_STABLE |
				     UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);

	if (n == UTF8PROC_ERROR_NOMEM)
		return NULL;
	return n < 0 ? strdup(name) : (char *)folded;
}

static int add_name(struct folder_names *folder, const char *name)
{
	struct folded_name added = {fold(name), strdup(name)};

	if (added.key && added.name && grow(folder->names, folder->count)) {
		folder->names[folder->count++] = added;
		return 0;
	}
	free(added.key);
	free(added.name);
	return -ENOMEM;
}

/* A folder that cannot be read has no names. */
static int read_names(const struct library *library,
		      struct folder_names *folder)
{
	auto_free char *real = NULL;
	auto_dir DIR *dir = NULL;
	const struct dirent *entry;
	int err = link_resolve(library, folder->path, &real);

	if (!err)
		err = library_open_dir(library, real, &dir);
	if (err)
		return is_shortage(err) ? err : 0;
	while (!err && (entry = readdir(dir)))
		err = add_name(folder, entry->d_name);
	if (folder->count > 0)
		qsort(folder->names, folder->count, sizeof(*folder->names),
		      compare_folded);
	return err;
}

static struct folder_names *make_folder(struct folded *folded,
					const struct library *library,
					const char *path)
{
	struct folder_names *folder = calloc(1, sizeof(*folder));

	if (!folder)
		return NULL;
	folder->path = strdup(path);
	if (!folder->path || read_names(library, folder) != 0 ||
	    !tsearch(folder, &folded->folders, compare_folders)) {
		free_folder(folder);
		return NULL;
	}
	return folder;
}

/* NULL: no memory or no descriptor. */
static const struct folder_names *find_folder(struct folded *folded,
					      const struct library *library,
					      const char *path)
{
	const struct folder_names key = {.path = (char *)path};
	struct folder_names **place =
		tfind(&key, &folded->folders, compare_folders);

	return place ? *place : make_folder(folded, library, path);
}

/* The first name that does not sort before the key. */
static size_t lower_bound(const struct folder_names *folder, const char *key)
{
	size_t low = 0;
	size_t high = folder->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(folder->names[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Rippers write the sheet for the .wav, which later became a .flac. */
static const char *find_encoded(const struct folder_names *folder, char *key)
{
	char *dot = strrchr(key, '.');
	size_t stem;

	if (!dot)
		return NULL;
	dot[1] = '\0';
	stem = strlen(key);
	for (size_t i = lower_bound(folder, key);
	     i < folder->count && strncmp(folder->names[i].key, key, stem) == 0;
	     i++) {
		const char *name = folder->names[i].name;

		if (!strchr(folder->names[i].key + stem, '.') &&
		    name_classify(name) == NAME_LOSSLESS)
			return name;
	}
	return NULL;
}

int folded_find(struct folded *folded, const struct library *library,
		const char *folder_path, const char *name, bool encoded,
		const char **found)
{
	const struct folder_names *folder =
		find_folder(folded, library, folder_path);
	auto_free char *key = fold(name);
	const char *is = NULL;
	size_t i;

	if (!folder || !key)
		return -ENOMEM;
	i = lower_bound(folder, key);
	if (i < folder->count && strcmp(folder->names[i].key, key) == 0)
		is = folder->names[i].name;
	else if (encoded)
		is = find_encoded(folder, key);
	if (!is)
		return -ENOENT;
	*found = is;
	return 0;
}
