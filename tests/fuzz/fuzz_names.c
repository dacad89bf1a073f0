/* Names: of files, of views, of entries in the cache; one a line. */
#include "tests/fuzz/fuzz.h"

#include "cache/disk/label.h"
#include "library/names.h"
#include "library/view.h"

#include "base/cleanup.h"

#include <string.h>

static void virtual_names(const char *name)
{
	char text[256];

	for (int whole = 0; whole < 2 && name_is_audio(name); whole++) {
		if (name_virtual(name, "mp3", whole, text, sizeof(text)) != 0)
			continue;
		fuzz_holds(strlen(text) >= strlen(".mp3"));
		fuzz_holds(strcmp(text + strlen(text) - 4, ".mp3") == 0);
		fuzz_holds(name_classify(text) == NAME_LOSSY);
	}
	fuzz_holds(strlen(name_extension(name)) <= strlen(name));
	name_cover_rank(name);
}

static void labels(const char *text)
{
	char room[LABEL_ROOM], again[LABEL_ROOM];
	struct label label;
	auto_free char *path = strdup(text);

	label_fit(text, room);
	fuzz_holds(memchr(room, '\0', sizeof(room)));
	label_parse(room, &label);
	label_fit(room, again);
	fuzz_holds(memcmp(room, again, sizeof(room)) == 0);
	fuzz_holds(path);
	label_clean_path(path);
	fuzz_holds(strlen(path) <= strlen(text));
	fuzz_holds(!strstr(path, "//"));
	if (*label.path)
		fuzz_holds(label_reach(label.path, false, "") == LABEL_ALL);
	label_reach(label.path, label.cut, path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	auto_free char *text = strndup((const char *)bytes, size);

	fuzz_holds(text);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		virtual_names(line);
		labels(line);
		view_is_decoded_name(line);
		view_is_quality_name(line);
	}
	return 0;
}
