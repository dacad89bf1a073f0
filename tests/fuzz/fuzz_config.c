/*
 * Configuration files: what is taken can be printed, and the print is taken
 * again and prints the same, but for values that no line can hold: these are
 * printed as comments.
 */
#include "tests/fuzz/fuzz.h"

#include "cli/settings/config_file.h"
#include "cli/settings/config_text.h"
#include "cli/settings/options.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <fcntl.h>
#include <string.h>

/* What config_text() says of a file's bytes; NULL: it is refused. */
static char *text_of(const void *bytes, size_t size)
{
	struct mount_options options;
	char path[40];
	char *text = NULL;
	int fd = fuzz_file(bytes, size);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fuzz_holds(options_init(&options) == 0);
	if (config_file_read(&options, path, true) == 0)
		fuzz_holds((text = config_text(&options)));
	options_release(&options);
	close(fd);
	return text;
}

/* A comment begins with "# ", a value that no line can hold with "#". */
static bool has_odd_value(const char *text)
{
	for (const char *at = text; (at = strstr(at, "\n#")); at += 2)
		if (at[2] != ' ')
			return true;
	return false;
}

/* Comments say from which file a value comes. */
static void drop_comments(char *text)
{
	char *to = text;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		size_t n = strcspn(line, "#");

		memmove(to, line, n);
		to += n;
		*to++ = '\n';
	}
	*to = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	auto_free char *text = NULL;
	auto_free char *again = NULL;

	log_set_level(LOG_LEVEL_ERROR);
	text = text_of(bytes, size);
	if (!text)
		return 0;
	again = text_of(text, strlen(text));
	fuzz_holds(again);
	if (has_odd_value(text))
		return 0;
	drop_comments(text);
	drop_comments(again);
	fuzz_holds(strcmp(text, again) == 0);
	return 0;
}
