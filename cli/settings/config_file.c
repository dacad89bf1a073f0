/*
 * See config_file.h. libinih parses; it gets one line at a time, so that the
 * line's number is known, and so that four things are found that it would
 * silently accept:
 *
 *   a line too long for it      it would cut it in two
 *   a comment too long          the same; so it gets no comments
 *   an indented line            it would append it to the value above
 *   a section without settings  it would not report it
 */
#include "cli/settings/config_file.h"

#include "base/cleanup.h"
#include "cli/settings/options.h"

#include <ini.h>

#include <errno.h>
#include <string.h>

/* How much libinih keeps of a section's name. */
enum { SECTION_MAX = 49 };

#define QUALITY "quality"
#define BAD_LINE                                                               \
	"it should be 'setting = value', '[quality NAME]' or '# comment'"

struct config_file {
	struct mount_options *options;
	const char *path;
	FILE *stream;
	char *text; /* the line, as getline() gives it */
	size_t room;
	unsigned line;
	unsigned section; /* line where the section began, 0: none yet */
	bool empty;	  /* the section so far */
	int err;	  /* the first error, after its log line */
	struct qualities qualities;
};

static void log_unreadable(const char *path, int err)
{
	log_error("cannot read the configuration '%s': %s", path,
		  strerror(-err));
}

static void fail_at_line(struct config_file *file, unsigned line,
			 const char *reason)
{
	if (file->err)
		return;
	log_error("%s:%u: %s", file->path, line, reason);
	file->err = -EINVAL;
}

static void end_section(struct config_file *file)
{
	if (file->section && file->empty)
		fail_at_line(file, file->section,
			     "an empty section: it should be [quality NAME], "
			     "and codec "
			     "or bit_rate below it");
}

static void begin_section(struct config_file *file)
{
	end_section(file);
	file->section = file->line;
	file->empty = true;
}

static const char *skip_blanks(const struct config_file *file)
{
	const char *text = file->text;

	if (file->line == 0 && strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	return text + strspn(text, " \t\r\n");
}

/* What libinih objects to, it reports only at the end. */
static bool is_sound(const char *text)
{
	if (*text == '[') {
		const char *end = strchr(text, ']');

		end = end ? end + 1 + strspn(end + 1, " \t\r\n") : "]";
		return *end == '\0' || *end == '#' || *end == ';';
	}
	return *text == '\0' || strpbrk(text, "=:");
}

/* The part of a line that libinih gets. */
static const char *take_line(struct config_file *file, size_t room)
{
	const char *text = skip_blanks(file);

	file->line++;
	if (*text == '#' || *text == ';')
		return "";
	if (*text == '[')
		begin_section(file);
	if (!is_sound(text))
		fail_at_line(file, file->line, BAD_LINE);
	if (strlen(text) < room)
		return text;
	fail_at_line(file, file->line,
		     "the line is too long: it should be up to 190 bytes");
	return "";
}

/* As fgets(). */
static char *read_line(char *to, int room, void *arg)
{
	struct config_file *file = arg;
	ssize_t size;

	errno = 0;
	size = getline(&file->text, &file->room, file->stream);
	if (size >= 0 && (size_t)size != strlen(file->text))
		fail_at_line(file, file->line + 1, BAD_LINE);
	if (size >= 0)
		return strcpy(to, take_line(file, (size_t)room));
	if (!feof(file->stream) && !file->err)
		file->err = errno ? -errno : -EIO;
	return NULL;
}

static void take_setting(struct config_file *file, const char *name,
			 const char *value, const char *origin)
{
	const struct setting *setting = settings_find(name, strlen(name));
	auto_free char *names = NULL;

	if (setting && setting->folder && *value && !strchr("/~", *value)) {
		log_error("%s: bad value '%s' for %s: it should begin with / "
			  "or ~/",
			  origin, value, name);
		file->err = -EINVAL;
		return;
	}
	if (setting) {
		file->err = options_set(file->options, setting, value, origin);
		return;
	}
	names = settings_names();
	log_error("%s: unknown setting '%s': it should be one of %s", origin,
		  name, names ? names : "ours");
	file->err = -EINVAL;
}

/* Without blanks and quotes around it, as other programs' files have them. */
static char *unquote(const char *value)
{
	size_t n;

	value += strspn(value, " \t");
	n = strlen(value);
	while (n > 0 && strchr(" \t", value[n - 1]))
		n--;
	if (n >= 2 && (*value == '"' || *value == '\'') &&
	    value[n - 1] == *value)
		return strndup(value + 1, n - 2);
	return strndup(value, n);
}

static void take_quality(struct config_file *file, const char *section,
			 const char *setting, const char *value,
			 const char *origin)
{
	const char *name = section + strlen(QUALITY);
	auto_free char *plain = NULL;

	if (strncmp(section, QUALITY, strlen(QUALITY)) != 0 ||
	    (*name != ' ' && *name != '\t')) {
		log_error("%s: unknown section '%s': it should be "
			  "[quality NAME]",
			  origin, section);
		file->err = -EINVAL;
		return;
	}
	if (strlen(section) >= SECTION_MAX) {
		fail_at_line(file, file->section,
			     "the name of the quality is too long");
		return;
	}
	plain = unquote(name);
	file->err = plain ? qualities_take(&file->qualities, plain, setting,
					   value, origin)
			  : -ENOMEM;
}

/* 0: libinih should stop. */
static int take_pair(void *arg, const char *section, const char *name,
		     const char *quoted)
{
	struct config_file *file = arg;
	auto_free char *origin = NULL;
	auto_free char *value = unquote(quoted);

	file->empty = false;
	if (file->err)
		return 0;
	if (!value || asprintf(&origin, "%s:%u", file->path, file->line) < 0) {
		origin = NULL;
		file->err = -ENOMEM;
	} else if (*section) {
		take_quality(file, section, name, value, origin);
	} else {
		take_setting(file, name, value, origin);
	}
	return !file->err;
}

static void parse_config_file(struct config_file *file)
{
	int line = ini_parse_stream(read_line, file, take_pair, file);

	end_section(file);
	if (line > 0)
		fail_at_line(file, (unsigned)line, BAD_LINE);
	else if (line < 0 && !file->err)
		file->err = -ENOMEM;
	if (!file->err)
		file->err = qualities_check(&file->qualities);
}

static void take_over(struct config_file *file)
{
	struct qualities *qualities = &file->options->qualities;

	if (file->err || file->qualities.count == 0) {
		qualities_release(&file->qualities);
		return;
	}
	qualities_release(qualities);
	*qualities = file->qualities;
}

int config_file_read(struct mount_options *options, const char *path,
		     bool needed)
{
	struct config_file file = {.options = options, .path = path};

	file.stream = fopen(path, "re");
	if (!file.stream && !needed && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!file.stream) {
		int err = -errno;

		log_unreadable(path, err);
		return err;
	}
	parse_config_file(&file);
	if (file.err && file.err != -EINVAL)
		log_unreadable(path, file.err);
	take_over(&file);
	fclose(file.stream);
	free(file.text);
	return file.err;
}
