/*
 * See resolve_link.h. Where tracks have other names than in the library, links
 * to them must say these names, and only the listing of the folder that a link
 * leads to knows them:
 *
 *   link -> its text -> listing of that folder -> name there -> node
 */
#include "library/resolve_link.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "library/catalog.h"
#include "library/links.h"
#include "library/names.h"
#include "library/sidecar_kind.h"

#include <errno.h>
#include <string.h>

struct aiming {
	const struct view *view;
	struct listing *listing; /* a reference is held */
	const struct item *item;
	char *path;
	char *text; /* the link's text */
	struct stat st;
	struct asker asker;
	node_fn *fn;
	void *arg;
};

static int make_node(const struct aiming *a, struct node **node)
{
	auto_free char *mount_path =
		node_mount_path(a->view, a->listing, a->item);
	struct node *made = mount_path
				    ? node_create(NODE_LINK, a->view,
						  mount_path, a->path, &a->st)
				    : NULL;

	if (!made)
		return -ENOMEM;
	made->text = strdup(a->text);
	made->attributes.st_mode = S_IFLNK | 0777;
	node_set_size(made, strlen(a->text));
	if (!made->text) {
		node_destroy(made);
		return -ENOMEM;
	}
	*node = made;
	return 0;
}

static void finish_aiming(struct aiming *a, int err)
{
	struct node *node = NULL;

	if (!err)
		err = make_node(a, &node);
	a->fn(a->arg, err, node);
	listing_unref(a->listing);
	free(a->path);
	free(a->text);
	free(a);
}

/* Replaces the last name. */
static int rename_end(struct aiming *a, const char *name)
{
	char *text;

	if (asprintf(&text, "%.*s%s", (int)(path_name(a->text) - a->text),
		     a->text, name) < 0)
		return -ENOMEM;
	free(a->text);
	a->text = text;
	return 0;
}

static int find_name(struct aiming *a, const struct listing *aim)
{
	const char *wanted = path_name(a->text);
	const struct item *item = listing_find_source(aim, wanted);
	char name[256];

	if (item)
		return rename_end(a, item->name);
	/* it may exist some day */
	if (name_virtual(wanted, a->view->extension, 0, name, sizeof(name)))
		return 0;
	return rename_end(a, name);
}

static void on_listing(void *arg, int err, struct listing *aim)
{
	struct aiming *a = arg;

	if (!err)
		err = find_name(a, aim);
	else if (err != -ENOMEM)
		err = 0; /* whoever follows it will be told */
	listing_unref(aim);
	finish_aiming(a, err);
}

/* For a link to a track, in a view where the track has another name. */
static void aim(struct catalog *catalog, struct aiming *a)
{
	auto_free char *folder = NULL;
	int err = link_folder(catalog->library, a->path, a->text, &folder);

	if (err)
		finish_aiming(a, err == -ENOMEM ? err : 0);
	else if (strcmp(folder, a->listing->path) == 0)
		finish_aiming(a, find_name(a, a->listing));
	else
		listing_ask(catalog->library, catalog->engine, folder, a->view,
			    &a->asker, on_listing, a);
}

static bool has_other_name(const struct aiming *a)
{
	return a->item->kind == ITEM_TRACK && a->view->extension;
}

void resolve_link(struct catalog *catalog, const struct view *view,
		  struct listing *listing, const struct item *item,
		  const char *path, const struct stat *st,
		  const struct asker *asker, node_fn *fn, void *arg)
{
	struct aiming *a = calloc(1, sizeof(*a));
	int err;

	if (!a) {
		fn(arg, -ENOMEM, NULL);
		return;
	}
	*a = (struct aiming){.view = view,
			     .listing = listing_ref(listing),
			     .item = item,
			     .path = strdup(path),
			     .st = *st,
			     .asker = asker_of(asker),
			     .fn = fn,
			     .arg = arg};
	err = a->path ? link_text(catalog->library, path, &a->text) : -ENOMEM;
	if (!err && has_other_name(a)) {
		aim(catalog, a);
		return;
	}
	if (!err && item->kind == ITEM_SIDECAR) {
		auto_free char *name = NULL;

		err = asprintf(&name, "%s%s", path_name(a->text),
			       sidecar_suffix(item->sidecar)) < 0
			      ? -ENOMEM
			      : rename_end(a, name);
	}
	finish_aiming(a, err == -EXDEV || err == -EINVAL ? -ENOENT : err);
}
