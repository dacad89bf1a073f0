/*
 * Finds covers in MP4 without FFmpeg and TagLib: both rely on the type that a
 * cover's atom states, which is often wrong or missing, and both read all of it
 * into memory whenever they open the file.
 *
 *   moov / udta / meta / ilst / covr / data   as iTunes writes it
 *   moov / meta / ilst / covr / data          as some others write it
 *
 * An atom is its size (32 bits; 1: 64 bits follow; 0: up to the end), a name
 * and its content (ISO/IEC 14496-12, 4.2).
 */
#include "transcode/worker/formats/mp4.h"

#include "base/bytes.h"

#include <string.h>

enum { MAX_ATOMS = 4096 };

struct atom {
	char name[4];
	uint64_t name_at;
	uint64_t start, end; /* of its content */
};

/* The atom at *at, which is then moved behind it. */
static bool next_atom(struct input *input, uint64_t *at, uint64_t end,
		      struct atom *atom)
{
	uint8_t head[16] = {0};
	uint64_t size, width = 8;

	if (end < 8 || *at > end - 8 ||
	    input_read(input, *at, head, sizeof(head)) < 8)
		return false;
	size = bytes_big32(head);
	if (size == 1) {
		size = (uint64_t)bytes_big32(head + 8) << 32 |
		       bytes_big32(head + 12);
		width = 16;
	} else if (size == 0) {
		size = end - *at;
	}
	if (size < width || size > end - *at)
		return false;
	memcpy(atom->name, head + 4, 4);
	atom->name_at = *at + 4;
	atom->start = *at + width;
	atom->end = *at + size;
	*at = atom->end;
	return true;
}

static bool is_named(const struct atom *atom, const char *name)
{
	return memcmp(atom->name, name, 4) == 0;
}

/* Replaces an atom by the first one of this name in it. */
static bool enter_atom(struct input *input, const char *name, struct atom *atom)
{
	struct atom child;
	uint64_t at = atom->start;

	for (int i = 0; i < MAX_ATOMS; i++) {
		if (!next_atom(input, &at, atom->end, &child))
			return false;
		if (is_named(&child, name)) {
			*atom = child;
			return true;
		}
	}
	return false;
}

/* ISO's begins with a version, QuickTime's does not. */
static bool enter_meta(struct input *input, struct atom *atom)
{
	uint8_t head[8];

	if (!enter_atom(input, "meta", atom) ||
	    input_read(input, atom->start, head, sizeof(head)) != sizeof(head))
		return false;
	if (memcmp(head + 4, "hdlr", 4) != 0)
		atom->start += 4;
	return true;
}

static bool find_list(struct input *input, uint64_t start, struct atom *list)
{
	struct atom movie = {.start = start, .end = input->size};
	struct atom atom;

	if (!enter_atom(input, "moov", &movie))
		return false;
	atom = movie;
	if (!enter_atom(input, "udta", &atom) || !enter_meta(input, &atom)) {
		atom = movie;
		if (!enter_meta(input, &atom))
			return false;
	}
	*list = atom;
	return enter_atom(input, "ilst", list);
}

void mp4_find_covers(struct input *input, uint64_t start,
		     struct mp4_covers *covers)
{
	struct atom list, atom;
	uint64_t at;

	covers->count = 0;
	if (!find_list(input, start, &list))
		return;
	at = list.start;
	for (int i = 0; i < MAX_ATOMS && covers->count < MP4_COVERS_MAX; i++) {
		if (!next_atom(input, &at, list.end, &atom))
			return;
		if (is_named(&atom, "covr"))
			covers->items[covers->count++] = (struct mp4_cover){
				atom.name_at, atom.start, atom.end};
	}
}

/* Its first eight bytes are the type, which is ignored, and a locale. */
bool mp4_next_image(struct input *input, struct mp4_cover *cover,
		    struct mp4_cover *image)
{
	struct atom atom;

	while (next_atom(input, &cover->start, cover->end, &atom)) {
		if (!is_named(&atom, "data") || atom.end - atom.start < 8)
			continue;
		*image = (struct mp4_cover){atom.name_at, atom.start + 8,
					    atom.end};
		return true;
	}
	return false;
}

struct input_patch mp4_hide(const struct mp4_cover *cover)
{
	return (struct input_patch){
		.at = cover->name_at, .size = 4, .bytes = "free"};
}

/* Finds the sample description of an audio track. */
static bool enter_entry(struct input *input, struct atom *track)
{
	struct atom sound;

	if (!enter_atom(input, "mdia", track) ||
	    !enter_atom(input, "minf", track))
		return false;
	sound = *track;
	return enter_atom(input, "smhd", &sound) &&
	       enter_atom(input, "stbl", track) &&
	       enter_atom(input, "stsd", track);
}

/*
 * Before the atoms in it are fields of three versions, so we search for names.
 */
static bool find_in(struct input *input, const struct atom *entry,
		    const char *name, uint64_t *at)
{
	enum { MAX_ENTRY = 4096 };
	uint64_t size = entry->end - entry->start;
	uint8_t bytes[MAX_ENTRY];
	const uint8_t *found;
	ssize_t n = input_read(input, entry->start, bytes,
			       size < MAX_ENTRY ? (size_t)size : MAX_ENTRY);

	found = n > 0 ? memmem(bytes, (size_t)n, name, 4) : NULL;
	if (!found)
		return false;
	*at = entry->start + (uint64_t)(found - bytes) + 4;
	return true;
}

/* The sample description of the first audio track. */
static bool find_entry(struct input *input, uint64_t start, struct atom *entry)
{
	struct atom movie = {.start = start, .end = input->size};

	if (!enter_atom(input, "moov", &movie))
		return false;
	for (int i = 0; i < MAX_ATOMS; i++) {
		if (!next_atom(input, &movie.start, movie.end, entry))
			return false;
		if (is_named(entry, "trak") && enter_entry(input, entry))
			return true;
	}
	return false;
}

bool mp4_find_in_entry(struct input *input, uint64_t start, const char *name,
		       uint64_t *at)
{
	struct atom entry;

	return find_entry(input, start, &entry) &&
	       find_in(input, &entry, name, at);
}

/* An atom, named after the codec, follows a version and a count. */
bool mp4_has_codec(struct input *input, uint64_t start, const char *name)
{
	struct atom entry;
	uint8_t head[16];

	return find_entry(input, start, &entry) &&
	       input_read(input, entry.start, head, sizeof(head)) ==
		       sizeof(head) &&
	       memcmp(head + 12, name, 4) == 0;
}
