/* The front door of fs/: a mounted library, and what works behind it. */
#ifndef FS_FS_H
#define FS_FS_H

#include "fs/backend.h"
#include "fs/control_call.h"
#include "fs/explain.h"
#include "fs/precaching.h"

#include <stdbool.h>
#include <stdint.h>

/* What may change while a mount runs. */
struct fs_live {
	struct store_limits limits;
	bool analyze_on_play;
};

enum { FS_AS_SOURCE = -1 };

/* Who owns what is shown, and its permissions: FS_AS_SOURCE, or for all. */
struct fs_rights {
	int64_t uid;
	int64_t gid;
	int umask; /* the bits that are missing */
	int fmask; /* likewise, of files, and of folders: */
	int dmask; /* before umask */
};

struct fs_options {
	const char *library;
	const char *mountpoint;
	const char *fuse_options; /* for libfuse, comma-separated; "" */
	bool nosymfollow;	  /* as mount(8) has it; libfuse does not */
	bool follow_links;	  /* that lead out of the library */
	const char *decoded;	  /* views to list in pcm/, by ':'; NULL */
	bool decoded_on_disk;	  /* keep decoded audio in the cache, too */
	bool analyze_on_play;	  /* as well as when a sidecar is read */

	const struct profile *qualities; /* their folders, in this order */
	unsigned quality_count;		 /* up to PROFILES_MAX */
	const char *lossless; /* what counts as such (sources.h); NULL: all */
	uint32_t transcode_lossy_above; /* kbit/s; 0: never */

	struct fs_rights rights;
	const char *precache;	 /* names of qualities, by ':'; NULL */
	const char *config_text; /* all that is in force; NULL */
	struct backend_options backend;

	/*
	 * At SIGHUP: reads the configuration again and fills in what a mount
	 * can take on. -errno after a log line. NULL: SIGHUP ends the mount.
	 */
	int (*reload)(void *context, struct fs_live *live);
	void *reload_context;
};

/* Whether a name is one that audio has. */
bool fs_is_audio_name(const char *name);

/* Whether it is the name of a playlist. */
bool fs_is_playlist_name(const char *name);

/* Whether the folder of a quality may have this name. */
bool fs_is_quality_name(const char *name);

/* Whether a view in pcm/ may have this name. */
bool fs_is_view_name(const char *name);

/* Whether it is a word that may stand in `lossless`. */
bool fs_is_lossless_word(const char *word);

/*
 * Checks everything, mounts, calls `ready` once the mount answers, and serves
 * until it is unmounted or a SIGTERM or SIGINT comes. Returns 0, or
 * -errno after one log line that says what was wrong.
 */
int fs_serve(const struct fs_options *options, void (*ready)(void *arg),
	     void *arg);

#endif
