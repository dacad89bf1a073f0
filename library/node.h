/*
 * Nodes: what the kernel knows by a number. A node is one version of one
 * virtual file, so its bytes and its size never change, and the kernel may keep
 * them as long as it likes; when a source changes, the next lookup gives
 * another node. Folders have one node each.
 */
#ifndef LIBRARY_NODE_H
#define LIBRARY_NODE_H

#include "base/file_id.h"
#include "library/listing.h"
#include "library/view.h"
#include "transcode/transcode.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum node_kind {
	NODE_ROOT,
	NODE_CONTROL_FOLDER, /* .groovefs */
	NODE_CONTROL,	     /* a file in it */
	NODE_EVENTS,	     /* the stream in it */
	NODE_DECODED, /* pcm/, the folder of the views of decoded audio */
	NODE_FOLDER,
	NODE_FILE,     /* passes through */
	NODE_LINK,     /* its target is in the same view */
	NODE_PLAYLIST, /* names the files as its view does */
	NODE_TRACK,    /* is transcoded */
	NODE_SIDECAR,  /* of a track, in analysis/ */
	NODE_ALBUM,    /* of a folder, in analysis/ */
};

struct node {
	/* immutable */
	enum node_kind kind;
	const struct view *view; /* with a reference; NULL: root and control */
	char *mount_path; /* "medium/Artist/Song.mp3"; a track's if it has one
			   */
	char *path;	  /* in the library, likewise; NULL: root and control */
	struct file_id id;
	struct stat attributes;
	struct track *track; /* TRACK, SIDECAR: NULL if it cannot be decoded */
	struct listing *siblings; /* TRACK and below: the listing it was
				     found in */
	uint8_t sidecar;	  /* SIDECAR: enum sidecar */
	char *text;		  /* LINK, PLAYLIST: its text; owned */

	/* used once it is in a table */
	uint64_t number;     /* the kernel's name for it */
	uint32_t generation; /* distinguishes equal hashes; 0: root */

	/* the table's lock */
	uint64_t lookups;
	unsigned refs;

	atomic_int_fast64_t told; /* FOLDER: see fs/told.h */

	atomic_bool prefetched; /* its prefetch (prefetch.c) has begun */

	/* nodes_lock_open() */
	struct listing *listing;     /* FOLDER: the last one that was made */
	int64_t believed_until;	     /* its names are trusted, see
					ops_recent() */
	struct rendition *rendition; /* while it is open */
	unsigned opens;
};

/*
 * Makes a node that is in no table. Copies `mount_path` and `path`. `st` is the
 * source's; a node's own attributes are made from it. NULL: no memory.
 */
struct node *node_create(enum node_kind kind, const struct view *view,
			 const char *mount_path, const char *path,
			 const struct stat *st);
void node_destroy(struct node *node);

/* One lock, held for moments, serves all nodes: each would take more room. */
void nodes_lock_open(void);
void nodes_unlock_open(void);

/* Receives a node that is in no table. -ENOENT: the source is gone. */
typedef void node_fn(void *arg, int err, struct node *node);

/*
 * The path in the mount of an item that a folder lists; on the heap. NULL: no
 * memory.
 */
char *node_mount_path(const struct view *view, const struct listing *listing,
		      const struct item *item);

/* The inode number that is shown for this path in the mount. */
ino_t node_inode(const char *mount_path);

/* A source's mode as the mount shows it: as a read-only disk would. */
mode_t node_mode(mode_t mode);

/* Makes it a track, or what shows that there is none. Takes references. */
void node_set_track(struct node *node, struct track *track,
		    struct listing *siblings);

/* Of its track. Computed anew each time: a library is a lot of nodes. */
struct plan node_plan(const struct node *node);

void node_set_size(struct node *node, uint64_t size);

#endif
