/*
 * Labels. A label is read from a file that anybody may have damaged, so it is
 * checked.
 */
#include "cache/disk/label.h"

#include <string.h>

/*
 * A text that fills its room, except for a character's bytes, may have been
 * cut.
 */
#define CHARACTER_MAX 4

static bool continues_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

void label_fit(const char *label, char room[static LABEL_ROOM])
{
	const char *tab = label ? strchr(label, '\t') : NULL;
	size_t head = tab ? (size_t)(tab + 1 - label) : 0;
	const char *path;
	size_t left;

	memset(room, 0, LABEL_ROOM);
	if (head == 0 || head > LABEL_QUALITY)
		return;
	memcpy(room, label, head);
	path = label + head;
	left = LABEL_ROOM - 1 - head;
	if (strlen(path) > left) {
		path += strlen(path) - left;
		while (continues_character(*path))
			path++;
	}
	memcpy(room + head, path, strlen(path));
}

static bool is_quality(const char *text, size_t size)
{
	if (size == 0 || size >= LABEL_QUALITY)
		return false;
	for (size_t i = 0; i < size; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 127)
			return false;
	}
	return true;
}

void label_parse(const char room[static LABEL_ROOM], struct label *label)
{
	size_t size = strnlen(room, LABEL_ROOM);
	const char *tab = memchr(room, '\t', size);
	size_t head = tab ? (size_t)(tab - room) : 0;

	*label = (struct label){0};
	if (size == LABEL_ROOM || !is_quality(room, head) || !tab[1])
		return;
	memcpy(label->quality, room, head);
	memcpy(label->path, tab + 1, size - head - 1);
	label->cut = size + CHARACTER_MAX >= LABEL_ROOM;
}

void label_clean_path(char *path)
{
	char *to = path;

	for (const char *from = path; *from; from++) {
		bool begins = to == path || to[-1] == '/';

		if (*from == '/' && begins && to != path)
			continue;
		if (*from == '.' && begins && from[1] == '/') {
			from++;
			continue;
		}
		if (*from == '.' && begins && from[1] == '\0')
			continue;
		*to++ = *from;
	}
	if (to > path && to[-1] == '/')
		to--;
	*to = '\0';
}

static bool lies_at(const char *path, const char *above)
{
	size_t n = strlen(above);

	return strncmp(path, above, n) == 0 &&
	       (path[n] == '\0' || path[n] == '/');
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

size_t label_reach(const char *label_path, bool cut, const char *path)
{
	if (!*label_path)
		return 0;
	if (!*path || lies_at(label_path, path) ||
	    (cut && ends_with(path, label_path)))
		return LABEL_ALL;
	if (*path != '/' || *label_path == '/')
		return 0;
	for (const char *slash = path; slash; slash = strchr(slash + 1, '/')) {
		if (lies_at(label_path, slash + 1))
			return strlen(slash + 1);
	}
	return 0;
}
