/* See find.h. */
#include "library/find.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "library/catalog.h"
#include "library/resolve.h"

#include <errno.h>
#include <string.h>

static void on_listing(void *arg, int err, struct listing *listing)
{
	struct finder *finder = arg;

	finder->err = err;
	finder->listing = err ? NULL : listing;
	latch_open(&finder->latch);
}

static void on_node(void *arg, int err, struct node *node)
{
	struct finder *finder = arg;

	finder->err = err;
	finder->node = err ? NULL : node;
	latch_open(&finder->latch);
}

static void drop_node(struct finder *finder)
{
	node_destroy(finder->node);
	finder->node = NULL;
	finder->item = NULL;
}

void finder_release(struct finder *finder)
{
	drop_node(finder);
	listing_unref(finder->listing);
	finder->listing = NULL;
}

/* The folder's listing; usually the one of the file before. */
static int find_listing(struct catalog *catalog, const struct view *view,
			const char *folder, struct finder *finder)
{
	if (finder->listing && finder->view == view &&
	    strcmp(finder->listing->path, folder) == 0 &&
	    listing_current(finder->listing, catalog->library))
		return 0;
	listing_unref(finder->listing);
	finder->view = view;
	listing_ask(catalog->library, catalog->engine, folder, view, NULL,
		    on_listing, finder);
	latch_wait(&finder->latch);
	return finder->err;
}

int find_item(struct catalog *catalog, const struct view *view,
	      const char *path, struct finder *finder)
{
	auto_free char *folder = strndup(path, path_folder_size(path));
	int err = folder ? 0 : -ENOMEM;

	drop_node(finder);
	if (!err)
		err = find_listing(catalog, view, folder, finder);
	if (err)
		return err;
	finder->item = listing_find_source(finder->listing, path_name(path));
	return finder->item ? 0 : -ENOENT;
}

int find_node(struct catalog *catalog, const struct view *view,
	      const char *path, struct finder *finder)
{
	int err = find_item(catalog, view, path, finder);

	if (err)
		return err;
	resolve(catalog, view, finder->listing, finder->item, NULL, on_node,
		finder);
	latch_wait(&finder->latch);
	return finder->err;
}
