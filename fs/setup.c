/* See setup.h. */
#include "fs/setup.h"

#include "base/log.h"
#include "fs/check.h"
#include "fs/fs.h"
#include "fs/handle.h"
#include "fs/library.h"

#include <errno.h>
#include <string.h>

enum { TIMEOUT_SECONDS = 10 };

static int open_library(struct fs *fs, const struct fs_options *options)
{
	int err = library_open(options->library, options->follow_links,
			       &fs->library);

	if (err)
		log_error("cannot read the library '%s': %s", options->library,
			  strerror(-err));
	return err;
}

static int open_source(void *context, const char *path)
{
	return library_open_file(context, path);
}

static int make_root(struct fs *fs)
{
	struct stat st;
	int err = library_stat(fs->library, "", &st);

	if (err)
		return err;
	st.st_nlink = 2 + fs->views.rooted_count + 1; /* and pcm/ */
	fs->nodes = nodes_create();
	fs->root = node_create(NODE_ROOT, NULL, "", NULL, &st);
	fs->handles = handles_create();
	if (!fs->nodes || !fs->root || !fs->handles)
		return -ENOMEM;
	fs->root->number = NODE_ROOT_NUMBER;
	nodes_ref(fs->nodes, fs->root); /* it is never let go */
	return 0;
}

static bool shows_sources_rights(const struct fs_rights *rights)
{
	return rights->uid == FS_AS_SOURCE && rights->gid == FS_AS_SOURCE &&
	       rights->umask == FS_AS_SOURCE && rights->fmask == FS_AS_SOURCE &&
	       rights->dmask == FS_AS_SOURCE;
}

static bool is_shared(const char *fuse_options)
{
	static const char word[] = "allow_other";

	for (; fuse_options && *fuse_options;
	     fuse_options += strcspn(fuse_options, ",")) {
		fuse_options += *fuse_options == ',';
		if (strncmp(fuse_options, word, strlen(word)) == 0 &&
		    strchr(",", fuse_options[strlen(word)]))
			return true;
	}
	return false;
}

static int check_places(const struct fs_options *options)
{
	if (!options->mountpoint)
		return 0;
	return check_mountpoint(options->mountpoint, options->library);
}

int fs_set_up(struct fs *fs, const struct fs_options *options)
{
	int err;

	fs->started = time(NULL);
	fs->timeout = TIMEOUT_SECONDS;
	fs->library_path = options->library;
	fs->rights = options->rights;
	fs->shared = is_shared(options->fuse_options) &&
		     shows_sources_rights(&options->rights);
	fs->analyze_on_play = options->analyze_on_play;
	err = views_init(&fs->views, options);
	if (!err)
		err = open_library(fs, options);
	if (!err)
		err = check_places(options);
	if (!err)
		err = backend_open(&fs->backend, &options->backend,
				   options->library, options->mountpoint);
	if (!err)
		err = make_root(fs);
	return err;
}

int fs_start_engine(struct fs *fs, const struct fs_options *options)
{
	return backend_start(&fs->backend, &options->backend, open_source,
			     fs->library);
}

void fs_take_down(struct fs *fs)
{
	handles_destroy(fs, fs->handles);
	backend_stop(&fs->backend);
	nodes_destroy(fs->nodes);
	node_destroy(fs->root);
	backend_close(&fs->backend);
	library_close(fs->library);
	views_release(&fs->views);
}
