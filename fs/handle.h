/*
 * An open file: where its bytes come from, and what its reader is doing.
 *
 * A reader that reads on for PLAYING_SECONDS without a jump is playing (or
 * copying) the file: then the rest is rendered in advance. Reading only a head,
 * a tail or a piece in the middle, as tag scanners do, and players that look
 * for the length, does not trigger this.
 */
#ifndef FS_HANDLE_H
#define FS_HANDLE_H

#include "library/library.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct events_reader;
struct fs;

struct handle {
	LIST_ENTRY(handle) link;      /* in the list of all open handles */
	struct node *node;	      /* a reference is held */
	int fd;			      /* FILE: the source; else -1 */
	struct rendition *rendition;  /* TRACK, SIDECAR; else NULL */
	char *content;		      /* CONTROL; else NULL */
	struct events_reader *reader; /* EVENTS; else NULL */
	bool direct;		      /* opened for direct I/O */

	pthread_mutex_t lock;
	uint64_t next;	 /* where the reader goes on if it does not jump */
	uint64_t streak; /* bytes read without a jump */
	bool asked_next; /* the next track has been prefetched */

	uint64_t kept; /* bytes stored into the page cache (page_cache.c) */
};

/* All handles of a mount: those that nobody closes are closed at its end. */
struct handles *handles_create(void); /* NULL: no memory */
void handles_destroy(struct fs *fs, struct handles *handles);

/*
 * 0; -ESTALE: the source is another version than the node's, so that the
 * kernel looks the name up again; -EIO: a track that cannot be decoded; else
 * why the source cannot be looked at. An owner hears all events, others those
 * that are for everybody.
 */
int handle_open(struct fs *fs, struct node *node, bool owner,
		struct handle **handle);
void handle_close(struct fs *fs, struct handle *handle);

/*
 * Whether the source of a file that passes through still has the node's
 * version.
 */
bool handle_current(const struct handle *handle);

/*
 * How many bytes a reader of a track has read from its beginning without a jump
 * (except behind its tag); 0 when it has jumped. Through: that is all of the
 * track.
 */
uint64_t handle_read_until(struct handle *handle);
bool handle_read_through(struct handle *handle);

/* Notes that the reader asked for these bytes of a track. */
void handle_follow(struct fs *fs, struct handle *handle, uint64_t offset,
		   uint64_t size);

#endif
