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
	struct arguments arguments;
	struct mount_options options;
	char *library;	   /* NULL: that of the mount */
	const char *cache; /* NULL: as configured */
	enum format format;
	size_t told;
	struct explainer *explainer;
	char *explained; /* by it: a library or a mount */
	char *root;	 /* its library */
};

static void print_explain_help(const void *context)
{
	(void)context;
	puts("Usage: groovefs explain [--library DIR] [--cache DIR]\n"
	     "                        [--json | --jsonl] PATH...\n"
	     "\n"
	     "Explains how groovefs treats a file, and why: what it is, how\n"
	     "each folder of a mount shows it, how much of that is cached, "
	     "and\n"
	     "what failed last, and when. A PATH in a mount, or in the "
	     "library\n"
	     "of one, needs no --library.\n"
	     "\n"
	     "      --library DIR        the library that the PATHs are in\n"
	     "      --cache DIR          the cache (~/.cache/groovefs)\n"
	     "      --json               one JSON array\n"
	     "      --jsonl              one JSON object per line\n"
	     "  -o SETTING=VALUE,...     as for mount\n"
	     "      --config FILE        as for mount\n"
	     "  -h, --help               print this help\n"
	     "\n"
	     "The exit status is 0 on success, 1 if a file does not exist, 2\n"
	     "if the arguments are invalid.");
}

static const struct option longs[] = {
	{"library", required_argument, NULL, 'l'},
	{"cache", required_argument, NULL, 'c'},
	ARGUMENTS_JSON,
	ARGUMENTS_LONGS,
	{0},
};

static int take_library(struct explain *e)
{
	free(e->library);
	e->library = realpath(optarg, NULL);
	if (e->library)
		return 0;
	log_error("cannot read the library '%s': %s", optarg, strerror(errno));
	return EXIT_REFUSED + 1;
}

static int take_explain_option(void *context, int letter)
{
	struct explain *e = context;

	switch (letter) {
	case 'l':
		return take_library(e);
	case 'c':
		return arguments_text(&e->arguments, &e->cache,
				      "--cache should be a folder");
	default:
		return ARGUMENT_UNKNOWN;
	}
}

/* 0, or an exit status + 1 */
static int parse_explain(struct explain *e, int argc, char **argv)
{
	int status;

	e->arguments = (struct arguments){
		.command = "explain",
		.letters = ARGUMENTS_LETTERS,
		.longs = longs,
		.options = &e->options,
		.format = &e->format,
		.print_help = print_explain_help,
		.take = take_explain_option,
		.context = e,
	};
	status = arguments_take(&e->arguments, argc, argv);
	if (!status && optind == argc)
		status = arguments_refuse(&e->arguments, "a file is needed");
	if (!status && e->options.config_file && !e->library)
		status = arguments_refuse(&e->arguments,
					  "--config goes with --library: a "
					  "mount has its own");
	if (!status && options_load(&e->options) != 0)
		status = EXIT_USAGE + 1;
	return status;
}

/* The place of a path; with --library, that of a file below it. */
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

/* What the mount says is in force there is what would happen to a file. */
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

/* A look evicts nothing, and needs one worker. */
static void set_own(struct explain *e)
{
	struct backend_options *backend = &e->options.fs.core.backend;

	if (e->cache)
		backend->cache = e->cache;
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
		return "it does not lie in the library";
	case -EINVAL:
		return "a mount has no such folder";
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

static int run_explain(struct explain *e, char **paths)
{
	int status = EXIT_DONE;

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
	int status;

	if (options_init(&e.options) != 0)
		return EXIT_REFUSED;
	status = parse_explain(&e, argc, argv);
	if (status)
		status--;
	else
		status = run_explain(&e, argv + optind);
	options_release(&e.options);
	return status;
}
