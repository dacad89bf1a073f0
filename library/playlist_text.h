/*
 * Finds the entries in a playlist's text: M3U and M3U8 (a path per line), PLS
 * ("File1=..."), XSPF (XML, xspf.org) and cue sheets (FILE "..." WAVE).
 */
#ifndef LIBRARY_PLAYLIST_TEXT_H
#define LIBRARY_PLAYLIST_TEXT_H

#include <stddef.h>

enum playlist_kind {
	PLAYLIST_NONE,
	PLAYLIST_M3U,
	PLAYLIST_PLS,
	PLAYLIST_XSPF,
	PLAYLIST_CUE,
};

struct playlist_entry {
	enum playlist_kind kind;
	size_t offset;	  /* of the bytes that represent it... */
	size_t size;	  /* ...in the text; of a cue sheet, with quotes */
	const char *name; /* a path or a URL; XSPF: always a URI reference */
};

typedef int playlist_entry_fn(void *arg, const struct playlist_entry *entry);

/* By a file's name. */
enum playlist_kind playlist_kind(const char *name);

/*
 * Calls `fn` for each entry, in order; `text` ends with a NUL behind its `size`
 * bytes. 0; -EINVAL: it is malformed; -ENOMEM; or what `fn` gave, which ends
 * it.
 */
int playlist_entries(enum playlist_kind kind, const char *text, size_t size,
		     playlist_entry_fn *fn, void *arg);

#endif
