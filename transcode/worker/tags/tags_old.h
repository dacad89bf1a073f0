/* Tags for players that read ID3v2.3 (id3v2.3.0, Nilsson 1999) only. */
#ifndef WORKER_TAGS_OLD_H
#define WORKER_TAGS_OLD_H

struct tags;

/*
 * Fills `to`, which must be empty, with frames of version 3 from such of
 * version 4: one value each, joined by `separator`; dates in their parts,
 * people in one list. What version 3 has no frame for becomes TXXX. The artists
 * stay apart in TXXX:ARTISTS, where Picard has them, as far as version 3 can. 0
 * or -ENOMEM.
 */
int tags_make_old(const struct tags *from, const char *separator,
		  struct tags *to);

#endif
