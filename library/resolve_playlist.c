/*
 * See resolve_playlist.h. Only the listing of a track's folder knows the
 * track's name in a view:
 *
 *   text -> entries -> files in the library -> by folder: its listing
 *        -> names in the view -> text
 *
 * Everybody who may read the playlist sees the paths in its text, so only files
 * count that they may look for.
 */
#include "library/resolve_playlist.h"

#include "base/cleanup.h"
#include "base/errors.h"
#include "base/grow.h"
#include "base/log.h"
#include "base/path.h"
#include "library/access.h"
#include "library/catalog.h"
#include "library/links.h"
#include "library/names.h"
#include "library/playlist.h"
#include "library/playlist_find.h"
#include "library/uri.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct piece {
	size_t offset, size; /* of the entry in the text */
	char *path;	     /* of the file in the library */
	char *shown;	     /* its path in the view; NULL: unchanged */
};

struct rewriting {
	struct catalog *catalog;
	const struct view *view; /* a reference is held */
	struct listing *listing; /* a reference is held */
	const struct item *item;
	enum playlist_kind kind;
	char *path;
	struct stat st;
	struct asker asker;
	node_fn *fn;
	void *arg;

	char *text;
	struct playlist_finder finder;
	struct piece *pieces; /* in the text's order */
	size_t count;
	atomic_size_t pending; /* open listings, and the asking */
	atomic_int err;
};

/* Entries whose files are in one folder. */
struct group {
	struct rewriting *r;
	struct piece **pieces;
	size_t count;
};

static void free_rewriting(struct rewriting *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->pieces[i].path);
		free(r->pieces[i].shown);
	}
	playlist_finder_release(&r->finder);
	listing_unref(r->listing);
	view_unref(r->view);
	free(r->pieces);
	free(r->text);
	free(r->path);
	free(r);
}

/* A line must not begin with what makes it a comment, or is cut off. */
static void print_plain(FILE *out, const char *path)
{
	fprintf(out, "%s%s", strchr("# \t", *path) ? "./" : "", path);
}

/* FILE "Song.mp3" MP3: how much of the type behind the name belongs to it. */
static size_t print_cue_type(FILE *out, const char *behind, const char *name)
{
	size_t blanks = strspn(behind, " \t");
	const char *type = behind + blanks;

	if (strcasecmp(name_extension(name), "mp3") != 0 ||
	    strncasecmp(type, "WAVE", 4) != 0 || !strchr(" \t\r\n", type[4]))
		return 0;
	fputs(" MP3", out);
	return blanks + strlen("WAVE");
}

/* Gives the offset at which the text continues. */
static size_t print_piece(FILE *out, const struct rewriting *r,
			  const struct piece *piece)
{
	size_t end = piece->offset + piece->size;

	switch (r->kind) {
	case PLAYLIST_XSPF:
		uri_print(out, piece->shown);
		break;
	case PLAYLIST_CUE:
		fputc('"', out);
		print_plain(out, piece->shown);
		fputc('"', out);
		end += print_cue_type(out, r->text + end, piece->shown);
		break;
	default:
		print_plain(out, piece->shown);
	}
	return end;
}

static int print_text(const struct rewriting *r, char **text, size_t *size)
{
	FILE *out = open_memstream(text, size);
	size_t at = 0;
	int err;

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < r->count; i++) {
		const struct piece *piece = &r->pieces[i];

		if (!piece->shown)
			continue;
		fwrite(r->text + at, 1, piece->offset - at, out);
		at = print_piece(out, r, piece);
	}
	fputs(r->text + at, out);
	err = ferror(out) ? -ENOMEM : 0;
	return fclose(out) == 0 ? err : -ENOMEM;
}

static int make_node(const struct rewriting *r, char *text, struct node **node)
{
	auto_free char *mount_path =
		node_mount_path(r->view, r->listing, r->item);
	enum node_kind kind = text ? NODE_PLAYLIST : NODE_FILE;
	struct node *made = NULL;

	if (mount_path)
		made = node_create(kind, r->view, mount_path, r->path, &r->st);
	if (!made) {
		free(text);
		return -ENOMEM;
	}
	made->text = text;
	if (text)
		node_set_size(made, strlen(text));
	*node = made;
	return 0;
}

static void finish_playlist(struct rewriting *r, int err)
{
	char *text = NULL;
	struct node *node = NULL;
	size_t size;

	if (!err && r->count > 0)
		err = print_text(r, &text, &size);
	if (!err && text && strcmp(text, r->text) == 0)
		free(steal_ptr(text));
	if (err)
		free(text);
	else
		err = make_node(r, text, &node);
	r->fn(r->arg, err, node);
	free_rewriting(r);
}

static void settle(struct rewriting *r)
{
	if (atomic_fetch_sub(&r->pending, 1) == 1)
		finish_playlist(r, atomic_load(&r->err));
}

/* What a line or a quoted name cannot hold. */
static bool fits(const struct rewriting *r, const char *name)
{
	if (r->kind == PLAYLIST_XSPF)
		return true;
	return !strpbrk(name, r->kind == PLAYLIST_CUE ? "\r\n\"" : "\r\n");
}

static int name_piece(const struct rewriting *r, const struct listing *listing,
		      struct piece *piece)
{
	const struct item *item =
		listing_find_source(listing, path_name(piece->path));
	auto_free char *path = NULL;

	if (!item)
		return 0;
	path = path_join(listing->path, item->name);
	if (!path)
		return -ENOMEM;
	if (!fits(r, path))
		return 0;
	piece->shown = link_relative(r->path, path);
	return piece->shown ? 0 : -ENOMEM;
}

/* If a folder cannot be listed, its entries stay unchanged. */
static void on_listing(void *arg, int err, struct listing *listing)
{
	struct group *group = arg;
	struct rewriting *r = group->r;

	for (size_t i = 0; !err && i < group->count; i++)
		err = name_piece(r, listing, group->pieces[i]);
	if (err == -ENOMEM || err == -ECANCELED)
		atomic_store(&r->err, err);
	listing_unref(listing);
	free(group->pieces);
	free(group);
	settle(r);
}

/*
 * Whether everybody who reads the playlist may know which files are in there.
 */
static bool may_tell(const struct rewriting *r, const char *folder)
{
	return !r->catalog->shared ||
	       access_folder_no_less(r->catalog->library, folder,
				     r->listing->path);
}

static int ask_for_group(struct rewriting *r, struct piece **pieces,
			 size_t count)
{
	const char *path = pieces[0]->path;
	auto_free char *folder = strndup(path, path_folder_size(path));
	struct group *group;

	if (!folder)
		return -ENOMEM;
	if (!may_tell(r, folder))
		return 0;
	group = calloc(1, sizeof(*group));
	if (group)
		group->pieces = malloc(count * sizeof(struct piece *));
	if (!group || !group->pieces) {
		free(group);
		return -ENOMEM;
	}
	group->r = r;
	group->count = count;
	memcpy(group->pieces, pieces, count * sizeof(struct piece *));
	atomic_fetch_add(&r->pending, 1);
	listing_ask(r->catalog->library, r->catalog->engine, folder, r->view,
		    &r->asker, on_listing, group);
	return 0;
}

/* By folder. */
static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = *(struct piece *const *)a;
	const struct piece *y = *(struct piece *const *)b;
	size_t m = path_folder_size(x->path);
	size_t n = path_folder_size(y->path);
	int order = memcmp(x->path, y->path, m < n ? m : n);

	return order ? order : (m > n) - (m < n);
}

static int ask_for_names(struct rewriting *r)
{
	auto_free struct piece **sorted =
		malloc((r->count + 1) * sizeof(*sorted));
	int err = sorted ? 0 : -ENOMEM;
	size_t end;

	if (err)
		return err;
	for (size_t i = 0; i < r->count; i++)
		sorted[i] = &r->pieces[i];
	qsort(sorted, r->count, sizeof(*sorted), compare_pieces);
	for (size_t i = 0; !err && i < r->count; i = end) {
		for (end = i + 1; end < r->count; end++) {
			if (compare_pieces(&sorted[i], &sorted[end]) != 0)
				break;
		}
		err = ask_for_group(r, sorted + i, end - i);
	}
	return err;
}

static int take_entry(void *arg, const struct playlist_entry *entry)
{
	struct rewriting *r = arg;
	struct piece piece = {.offset = entry->offset, .size = entry->size};
	int err;

	if (!asker_waits(&r->asker))
		return -ECANCELED;
	err = playlist_find(&r->finder, entry, &piece.path);
	if (err)
		return err == -ENOENT ? 0 : err;
	if (!grow(r->pieces, r->count)) {
		free(piece.path);
		return -ENOMEM;
	}
	r->pieces[r->count++] = piece;
	return 0;
}

/* -ESTALE: the playlist has changed meanwhile. */
static int read_playlist(struct rewriting *r)
{
	struct file_id id = file_id_of(&r->st);
	struct file_id now;
	struct stat st;
	int err = playlist_load(r->catalog, r->path, &r->text, &st);

	if (err)
		return err;
	now = file_id_of(&st);
	if (!file_id_equal(&id, &now))
		return -ESTALE;
	/* a file that is not all text is left alone */
	if (strlen(r->text) != (size_t)st.st_size)
		return -EINVAL;
	return playlist_entries(r->kind, r->text, (size_t)st.st_size,
				take_entry, r);
}

static struct rewriting *
begin_rewriting(struct catalog *catalog, const struct view *view,
		struct listing *listing, const struct item *item,
		const char *path, const struct stat *st,
		const struct asker *asker)
{
	struct rewriting *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->catalog = catalog;
	r->view = view_ref(view);
	r->listing = listing_ref(listing);
	r->item = item;
	r->kind = playlist_kind(item->source);
	r->path = strdup(path);
	r->st = *st;
	r->asker = asker_of(asker);
	r->finder.catalog = catalog;
	r->finder.path = r->path;
	atomic_init(&r->pending, 1);
	if (r->path)
		return r;
	free_rewriting(r);
	return NULL;
}

/* Logged once for each version of a folder. */
static void say_why_not(struct rewriting *r, int err)
{
	const char *why =
		err == -EINVAL ? "it is not a valid playlist"
		: err == -E2BIG
			? "it is too long, or too little of it is in the "
			  "library"
			: strerror(-err);

	log_line(atomic_exchange(&r->listing->told, true) ? LOG_LEVEL_DEBUG
							  : LOG_LEVEL_INFO,
		 "'%s' is shown as it is: %s", r->path, why);
}

bool resolve_is_playlist(const struct view *view, const struct item *item)
{
	return view->kind == VIEW_QUALITY && item->kind == ITEM_FILE &&
	       !item->link && playlist_is(item->source);
}

void resolve_playlist(struct catalog *catalog, const struct view *view,
		      struct listing *listing, const struct item *item,
		      const char *path, const struct stat *st,
		      const struct asker *asker, node_fn *fn, void *arg)
{
	struct rewriting *r =
		begin_rewriting(catalog, view, listing, item, path, st, asker);
	int err;

	if (!r) {
		fn(arg, -ENOMEM, NULL);
		return;
	}
	r->fn = fn;
	r->arg = arg;
	err = read_playlist(r);
	if (!err)
		err = ask_for_names(r);
	if (is_shortage(err) || err == -ECANCELED || err == -ESTALE) {
		atomic_store(&r->err, err);
	} else if (err) {
		say_why_not(r, err);
	}
	settle(r);
}
