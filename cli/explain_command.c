/* groovefs explain [--library DIR] [--cache DIR] [--json | --jsonl] PATH... */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "cli/arguments.h"
#include "cli/place.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct explain {
	struct mount_options options;
	const char *library_given; /* NULL: the mount's */
	char *library;		   /* the same without links */
	enum format format;
	size_t told;
	struct explainer *explainer;
	char *explained; /* what it works on: a library or a mount */
	char *root;	 /* its library */
};

static const char usage[] =
	"Usage: groovefs explain [--library DIR] [--cache DIR]\n"
	"                        [--json | --jsonl] PATH...\n"
	"\n"
	"Explains how groovefs treats a file, and why: what it is, how\n"
	"each folder of a mount shows it, how much of that is cached, and\n"
	"what failed last, and when. A PATH in a mount, or in the library\n"
	"of one, needs no --library.\n";

static const char notes[] =
	"\n"
	"The exit status is 0 on success, 1 if something failed, 2 if\n"
	"the arguments are invalid.";

static int check_explain(const struct arguments *arguments, int count,
			 char **paths)
{
	const struct explain *e = arguments->context;

	(void)paths;
	if (count == 0)
		return arguments_refuse(arguments, "a file is needed");
	if (e->options.config_file && !e->library_given)
		return arguments_refuse(arguments,
					"--config needs --library: a mount has "
					"its own configuration");
	return 0;
}

/* Finds the place of a path; with --library, that of a file in it. */
static int find_explained_place(struct explain *e, const char *path,
				struct place *place)
{
	auto_free char *source = NULL;
	auto_free char *real = NULL;
	const char *inside;
	int err;

	if (!e->library)
		return place_find(path, place);
	*place = (struct place){0};
	err = place_source(path, &source);
	if (err)
		return err;
	real = realpath(source, NULL);
	inside = real ? path_within(real, e->library) : NULL;
	if (inside)
		place->path = strdup(inside);
	else if (*path != '/')
		place->path = strdup(path);
	else
		return real ? -EXDEV : -ENOENT;
	return place->path ? 0 : -ENOMEM;
}

/* The settings in force in the mount decide what happens to a file there. */
static int load_of_mount(struct explain *e, const struct place *place)
{
	auto_free char *path = NULL;
	int err;

	if (asprintf(&path, "%s/.groovefs/config", place->mountpoint) < 0)
		return -ENOMEM;
	e->options.config_file = path;
	e->options.without_environment = true; /* the mount had its own */
	err = options_load(&e->options);
	e->options.config_file = NULL;
	return err;
}

/* Explaining evicts nothing and needs one worker. */
static void set_own(struct explain *e)
{
	struct backend_options *backend = &e->options.fs.core.backend;

	backend->workers = 1;
	backend->limits = (struct store_limits){0};
	log_set_level(LOG_LEVEL_ERROR);
}

static int open_explainer(struct explain *e, const struct place *place)
{
	const char *library = e->library ? e->library : place->library;

	const char *explained = e->library ? e->library : place->mountpoint;
	int err = 0;

	if (e->explainer && strcmp(e->explained, explained) == 0)
		return 0;
	explainer_close(e->explainer);
	e->explainer = NULL;
	free(e->explained);
	free(e->root);
	e->explained = strdup(explained);
	e->root = strdup(library);
	if (!e->explained || !e->root)
		return -ENOMEM;
	if (!e->library)
		err = load_of_mount(e, place);
	if (err)
		return err;
	set_own(e);
	e->options.fs.core.catalog.library = e->root;
	return explainer_open(&e->options.fs.core, &e->explainer);
}

static const char *reason_of_explained(int err)
{
	switch (err) {
	case -EXDEV:
		return "it is not in the library";
	case -EINVAL:
		return "mounts have no such folder";
	case -EISDIR:
		return "it is a folder: name a file in it";
	default:
		return place_reason(err);
	}
}

static int tell_explained(struct explain *e, const struct place *place)
{
	auto_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!out)
		return -ENOMEM;
	err = explain(e->explainer, place->path, place->view,
		      e->format != FORMAT_TEXT, out);
	if (fclose(out) != 0)
		return -ENOMEM;
	if (err)
		return err;
	if (e->format == FORMAT_JSON)
		putchar(e->told++ ? ',' : ' ');
	fputs(text, stdout);
	return 0;
}

static void tell_unexplained(struct explain *e, const char *path,
			     const char *reason)
{
	struct json json;

	log_error("cannot explain '%s': %s", path, reason);
	if (e->format == FORMAT_TEXT)
		return;
	if (e->format == FORMAT_JSON)
		putchar(e->told++ ? ',' : ' ');
	json_begin_line(&json, stdout);
	json_path(&json, "path", path);
	json_word(&json, "reason", reason);
	json_end_file(&json);
}

static int explain_path(struct explain *e, const char *path)
{
	struct place place;
	int err = find_explained_place(e, path, &place);

	if (!err)
		err = open_explainer(e, &place);
	if (!err)
		err = tell_explained(e, &place);
	place_release(&place);
	if (err)
		tell_unexplained(e, path, reason_of_explained(err));
	return err;
}

static int run_explain(void *context, char **paths)
{
	struct explain *e = context;
	int status = EXIT_DONE;

	if (e->library_given) {
		e->library = realpath(e->library_given, NULL);
		if (!e->library) {
			log_error("cannot read the library '%s': %s",
				  e->library_given, strerror(errno));
			return EXIT_REFUSED;
		}
	}
	log_set_level(LOG_LEVEL_ERROR);
	if (e->format == FORMAT_JSON)
		puts("[");
	for (; *paths; paths++) {
		if (explain_path(e, *paths) != 0)
			status = EXIT_REFUSED;
	}
	if (e->format == FORMAT_JSON)
		puts("]");
	explainer_close(e->explainer);
	free(e->library);
	free(e->explained);
	free(e->root);
	return status;
}

int explain_command(int argc, char **argv)
{
	struct explain e = {0};
	const struct argument own[] = {
		{"library", 0, "DIR", "the library that the PATHs are in",
		 .value = &e.library_given},
		{0},
	};
	const struct arguments arguments = {
		.command = "explain",
		.usage = usage,
		.notes = notes,
		.own = own,
		.options = &e.options,
		.has_cache = true,
		.format = &e.format,
		.json = "one JSON array",
		.jsonl = "one JSON object per line",
		.check = check_explain,
		.run = run_explain,
		.context = &e,
	};

	return arguments_run(&arguments, argc, argv);
}
