/*
 * See options.h. A word of -o that is not a setting is either one that mount(8)
 * and fstab(5) add for themselves, which is dropped, or FUSE's.
 */
#include "cli/settings/options.h"

#include "base/cleanup.h"
#include "base/home.h"
#include "base/words.h"
#include "cli/settings/config_file.h"
#include "cli/settings/config_text.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM_FILE "/etc/groovefs.conf"

/* Maximum bytes of fallback segments; nobody needs to set it. */
#define FALLBACK_MAX ((uint64_t)64 << 20)

/* For mount(8), fstab(5) and systemd, or about writing, which nobody can. */
static const char *const dropped[] = {
	"rw",	      "auto",	       "noauto",     "user",	   "user=*",
	"users",      "nouser",	       "nofail",     "_netdev",	   "owner",
	"group",      "defaults",      "x-*",	     "X-*",	   "comment=*",
	"silent",     "loud",	       "diratime",   "nodiratime", "relatime",
	"norelatime", "strictatime",   "lazytime",   "nolazytime", "iversion",
	"mand",	      "nomand",	       "noiversion", "uhelper=*",  "helper=*",
	"symfollow",  "nostrictatime", NULL};

/* What libfuse and the kernel know. */
static const char *const fuse_words[] = {
	"allow_other", "allow_root",   "auto_unmount",	"debug",
	"max_read=*",  "blkdev",       "blksize=*",	"ro",
	"suid",	       "nosuid",       "dev",		"nodev",
	"exec",	       "noexec",       "sync",		"async",
	"dirsync",     "atime",	       "noatime",	"context=*",
	"fscontext=*", "defcontext=*", "rootcontext=*", "default_permissions",
	NULL};

static bool is_among(const char *const *patterns, const char *word)
{
	for (; *patterns; patterns++) {
		if (fnmatch(*patterns, word, 0) == 0)
			return true;
	}
	return false;
}

static int append(char **list, const char *word)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", *list, **list ? "," : "", word) < 0)
		return -ENOMEM;
	free(*list);
	*list = joined;
	return 0;
}

static int complain_of_option(const struct setting *setting, const char *value,
			      const char *origin)
{
	log_error("%s: bad value '%s' for %s: it should be %s", origin, value,
		  setting->name, setting->right);
	return -EINVAL;
}

/*
 * A folder is relative to the current one, and may begin with a "~" that no
 * shell has expanded: in a file, or after "cache=". NULL: no memory.
 */
static char *expand(const struct setting *setting, const char *value)
{
	auto_free char *path =
		setting->folder ? home_expand(value) : strdup(value);
	auto_free char *here = NULL;
	char *whole;

	if (!setting->folder || !path || *path == '\0' || *path == '/' ||
	    *path == '~')
		return steal_ptr(path);
	here = get_current_dir_name();
	return !here || asprintf(&whole, "%s/%s", here, path) < 0 ? NULL
								  : whole;
}

int options_set(struct mount_options *options, const struct setting *setting,
		const char *value, const char *origin)
{
	struct given *given = &options->given[setting - settings];
	auto_free char *expanded = expand(setting, value);
	struct given made = {0};
	int err = expanded ? given_set(&made, expanded, origin) : -ENOMEM;

	if (err)
		return err;
	err = setting->set(options, made.text);
	if (err) {
		given_release(&made);
		return err == -ENOMEM
			       ? err
			       : complain_of_option(setting, value, origin);
	}
	given_release(given);
	*given = made;
	return 0;
}

static int set_preset(struct mount_options *options,
		      const struct setting *setting)
{
	auto_free char *made =
		setting->make_preset ? setting->make_preset() : NULL;
	const char *preset = setting->preset ? setting->preset : made;

	if (!preset)
		return 0;
	return options_set(options, setting, preset, "default");
}

int options_init(struct mount_options *options)
{
	int err;

	*options = (struct mount_options){
		.fs.core.backend.limits.fallback = FALLBACK_MAX,
		.words = strdup(""),
		.fuse = strdup(""),
	};
	err = qualities_init(&options->qualities);
	if (!options->words || !options->fuse)
		err = -ENOMEM;
	for (unsigned i = 0; !err && i < settings_count; i++)
		err = set_preset(options, &settings[i]);
	return err;
}

void options_release(struct mount_options *options)
{
	for (unsigned i = 0; i < settings_count; i++)
		given_release(&options->given[i]);
	qualities_release(&options->qualities);
	free(options->words);
	free(options->fuse);
	free(options->config_text);
}

int options_add(struct mount_options *options, const char *list)
{
	return append(&options->words, list);
}

static int refuse_word(const char *word)
{
	auto_free char *names = settings_names();

	if (fnmatch("fsname=*", word, 0) == 0 ||
	    fnmatch("subtype=*", word, 0) == 0) {
		log_error("-o: '%s' cannot be set: it identifies a mount and "
			  "its library",
			  word);
		return -EINVAL;
	}
	if (strcmp(word, "remount") == 0) {
		log_error("-o: a mount cannot be changed: unmount it and mount "
			  "it again");
		return -EINVAL;
	}

	log_error("-o: unknown option '%s': it should be one of %s, or an "
		  "option of FUSE such as allow_other",
		  word, names ? names : "ours");
	return -EINVAL;
}

static int take_word(struct mount_options *options, const char *word)
{
	size_t n = strcspn(word, "=");
	const struct setting *setting = settings_find(word, n);

	if (setting && word[n] == '=')
		return options_set(options, setting, word + n + 1, "-o");
	if (setting)
		return complain_of_option(setting, "", "-o");
	if (*word == '\0' || is_among(dropped, word))
		return 0;
	if (strcmp(word, "nosymfollow") == 0) {
		options->fs.nosymfollow = true;
		return 0;
	}
	return is_among(fuse_words, word) ? append(&options->fuse, word)
					  : refuse_word(word);
}

static int take_words(struct mount_options *options)
{
	auto_free char *copy = strdup(options->words);
	char *rest = copy;
	char *word;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (word = strsep(&rest, ",")))
		err = take_word(options, word);
	return err;
}

/* Other variables with this prefix belong to others: to tests, to scripts. */
static int take_variables(struct mount_options *options)
{
	int err = 0;

	for (unsigned i = 0; !err && i < settings_count; i++) {
		char origin[64] = "environment GROOVEFS_";
		char *name = strchr(origin, 'G');
		char *to = origin + strlen(origin);
		const char *value;

		for (const char *c = settings[i].name; *c; c++)
			*to++ = (char)toupper((unsigned char)*c);
		value = getenv(name);
		if (value)
			err = options_set(options, &settings[i], value, origin);
	}
	return err;
}

/*
 * NULL: no such folder is known; XDG's rule is that only absolute paths count.
 */
char *options_user_file(void)
{
	const char *base = getenv("XDG_CONFIG_HOME");
	auto_free char *home = home_folder();
	char *path = NULL;
	int n = -1;

	if (base && *base == '/')
		n = asprintf(&path, "%s/groovefs/config", base);
	else if (home)
		n = asprintf(&path, "%s/.config/groovefs/config", home);
	return n < 0 ? NULL : path;
}

static int read_files(struct mount_options *options)
{
	auto_free char *user = options_user_file();
	const char *named = options->config_file;
	int err;

	if (!named)
		named = getenv("GROOVEFS_CONFIG");
	if (named && *named)
		return config_file_read(options, named, true);
	err = config_file_read(options, SYSTEM_FILE, false);
	if (!err && user)
		err = config_file_read(options, user, false);
	return err;
}

static bool is_known_quality(const struct qualities *qualities,
			     const char *name)
{
	for (unsigned i = 0; i < qualities->count; i++) {
		if (strcmp(qualities->profiles[i].name, name) == 0)
			return true;
	}
	return false;
}

/* The qualities are known only when everything has been read. */
static int check_precache(const struct mount_options *options)
{
	const struct setting *setting = settings_find("precache", 8);
	const struct given *given = &options->given[setting - settings];
	const char *names = options->fs.precache;
	auto_free char *copy = names ? strdup(names) : NULL;
	char *rest = copy;
	char *name;

	if (names && !copy)
		return -ENOMEM;
	while ((name = words_next(&rest))) {
		if (!is_known_quality(&options->qualities, name))
			return complain_of_option(setting, given->text,
						  given->origin);
	}
	return 0;
}

int options_load(struct mount_options *options)
{
	int err = read_files(options);

	if (!err && !options->without_environment)
		err = take_variables(options);
	if (!err)
		err = take_words(options);
	if (!err)
		err = check_precache(options);
	if (err)
		return err;
	free(options->config_text);
	options->config_text = config_text(options);
	if (!options->config_text)
		return -ENOMEM;
	options->fs.config_text = options->config_text;
	if (options->cache)
		options->fs.core.backend.cache = options->cache;
	if (options->workers)
		options->fs.core.backend.workers = options->workers;
	options->fs.fuse_options = options->fuse;
	options->fs.core.catalog.qualities = options->qualities.profiles;
	options->fs.core.catalog.quality_count = options->qualities.count;
	log_set_level(options->log_level);
	return 0;
}
