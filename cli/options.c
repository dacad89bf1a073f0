/*
 * Options: a table of ours. What is not in it is either of the kind that
 * mount(8) and fstab(5) add for themselves, and dropped, or libfuse's.
 */
#include "cli/options.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MIB (1ull << 20)
#define GIB (1ull << 30)

struct unit {
	char letter;
	uint64_t factor;
};

static const struct unit bytes[] = {
	{'K', 1ull << 10}, {'M', MIB}, {'G', GIB}, {'T', 1ull << 40}, {0, 0}};

static const struct unit seconds[] = {
	{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {0, 0}};

/* "10G" -> 10 * 2^30; the unit is optional and may be of either case. */
static int parse_number(const char *text, const struct unit *units,
			uint64_t *number)
{
	unsigned long long value;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -errno;
	for (; *end && units && units->letter; units++) {
		if ((*end | 32) != (units->letter | 32) || end[1])
			continue;
		if (value > UINT64_MAX / units->factor)
			return -ERANGE;
		*number = value * units->factor;
		return 0;
	}
	*number = value;
	return *end ? -EINVAL : 0;
}

static int parse_count(const char *text, unsigned max, unsigned *count)
{
	uint64_t number;
	int err = parse_number(text, NULL, &number);

	if (err || number == 0 || number > max)
		return -EINVAL;
	*count = (unsigned)number;
	return 0;
}

static int set_cache(struct fs_options *options, const char *value)
{
	options->backend.cache = value;
	return *value ? 0 : -EINVAL;
}

static int set_cache_size(struct fs_options *options, const char *value)
{
	return parse_number(value, bytes, &options->backend.limits.size);
}

static int set_cache_age(struct fs_options *options, const char *value)
{
	return parse_number(value, seconds, &options->backend.limits.age);
}

static int set_min_free(struct fs_options *options, const char *value)
{
	return parse_number(value, bytes, &options->backend.limits.min_free);
}

static int set_memory(struct fs_options *options, const char *value)
{
	return parse_number(value, bytes, &options->backend.memory);
}

static int set_spill(struct fs_options *options, const char *value)
{
	return parse_number(value, bytes, &options->backend.spill);
}

/* What the names mean is checked when the mount begins. */
static int set_pcm(struct fs_options *options, const char *value)
{
	options->decoded = value;
	return *value ? 0 : -EINVAL;
}

static int set_pcm_on_disk(struct fs_options *options, const char *value)
{
	options->decoded_on_disk = strcmp(value, "yes") == 0;
	return options->decoded_on_disk || strcmp(value, "no") == 0 ? 0
								    : -EINVAL;
}

static int set_analysis_memory(struct fs_options *options, const char *value)
{
	return parse_number(value, bytes, &options->backend.resident.memory);
}

static int set_analysis_tracks(struct fs_options *options, const char *value)
{
	return parse_count(value, 1000000, &options->backend.resident.tracks);
}

static int set_analysis_ttl(struct fs_options *options, const char *value)
{
	uint64_t ttl;
	int err = parse_number(value, seconds, &ttl);

	if (err || ttl > UINT32_MAX)
		return -EINVAL;
	options->backend.resident.ttl = (unsigned)ttl;
	return 0;
}

static int set_analyze(struct fs_options *options, const char *value)
{
	options->analyze_on_play = strcmp(value, "on-play") == 0;
	return options->analyze_on_play || strcmp(value, "on-read") == 0
		       ? 0
		       : -EINVAL;
}

static int set_workers(struct fs_options *options, const char *value)
{
	return parse_count(value, 256, &options->backend.workers);
}

static int set_worker_timeout(struct fs_options *options, const char *value)
{
	return parse_count(value, 3600, &options->backend.worker_timeout);
}

static int set_log_level(struct fs_options *options, const char *value)
{
	static const char *const words[] = {"error", "warn", "info", "debug"};

	(void)options;
	for (unsigned i = 0; i < 4; i++) {
		if (strcmp(words[i], value) == 0) {
			log_set_level((enum log_level)i);
			return 0;
		}
	}
	return -EINVAL;
}

static const struct option {
	const char *key;
	const char *value; /* what it looks like */
	const char *text;
	int (*set)(struct fs_options *options, const char *value);
} table[] = {
	{"cache", "DIR", "where the cache is (~/.cache/groovefs)", set_cache},
	{"cache_size", "SIZE", "bytes it may hold, 0: no limit (10G)",
	 set_cache_size},
	{"cache_age", "TIME",
	 "drop what was not used for so long, 0: never (0)", set_cache_age},
	{"min_free", "SIZE", "bytes to leave free on its disk (512M)",
	 set_min_free},
	{"memory", "SIZE",
	 "bytes of decoded audio in memory (a quarter of it, up to 1G)",
	 set_memory},
	{"spill", "SIZE", "bytes on disk for what memory has no room for (1G)",
	 set_spill},
	{"pcm", "VIEW:...", "views to list in pcm/, such as 16000-mono:44100",
	 set_pcm},
	{"pcm_on_disk", "yes|no", "keep decoded audio in the cache, too (no)",
	 set_pcm_on_disk},
	{"analysis_memory", "SIZE", "bytes of analyses in memory (4M)",
	 set_analysis_memory},
	{"analysis_tracks", "N", "tracks that these are of, at most (50)",
	 set_analysis_tracks},
	{"analysis_ttl", "TIME", "how long they stay there, 0: no limit (1h)",
	 set_analysis_ttl},
	{"analyze", "on-read|on-play",
	 "analyse a track when a sidecar is read, or also when it is played "
	 "(on-read)",
	 set_analyze},
	{"workers", "N", "processes for readers, as many again for the rest",
	 set_workers},
	{"worker_timeout", "SECONDS", "silence until one is killed (10)",
	 set_worker_timeout},
	{"log_level", "LEVEL", "error, warn, info or debug (info)",
	 set_log_level},
};

/* For mount(8), fstab(5) and systemd, not for a file system. */
static const char *const dropped[] = {
	"rw",	    "auto",   "noauto",	   "user",  "users",
	"nouser",   "nofail", "_netdev",   "owner", "group",
	"defaults", "x-*",    "comment=*", NULL};

static bool is_dropped(const char *word)
{
	for (const char *const *pattern = dropped; *pattern; pattern++) {
		if (fnmatch(*pattern, word, 0) == 0)
			return true;
	}
	return false;
}

static const struct option *find_option(const char *key, size_t n)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (strlen(table[i].key) == n &&
		    strncmp(table[i].key, key, n) == 0)
			return &table[i];
	}
	return NULL;
}

static int pass_on(struct mount_options *options, const char *word)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", options->fuse,
		     *options->fuse ? "," : "", word) < 0)
		return -ENOMEM;
	free(options->fuse);
	options->fuse = joined;
	options->fs.fuse_options = joined;
	return 0;
}

static int take_word(struct mount_options *options, const char *word)
{
	size_t n = strcspn(word, "=");
	const struct option *option = find_option(word, n);

	if (*word == '\0' || is_dropped(word))
		return 0;
	if (!option)
		return pass_on(options, word);
	if (word[n] == '=' && option->set(&options->fs, word + n + 1) == 0)
		return 0;
	log_error("bad option '%s': it should be %s=%s", word, option->key,
		  option->value);
	return -EINVAL;
}

int options_parse(struct mount_options *options, char *list)
{
	char *word;
	int err = 0;

	while (!err && (word = strsep(&list, ",")))
		err = take_word(options, word);
	return err;
}

int options_init(struct mount_options *options)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) *
			  (uint64_t)sysconf(_SC_PAGESIZE);

	*options = (struct mount_options){
		.fs.backend = {.limits = {.size = 10 * GIB,
					  .min_free = 512 * MIB,
					  .memory = 64 * MIB},
			       .memory = memory / 4 < GIB ? memory / 4 : GIB,
			       .spill = GIB,
			       .resident = {.memory = 4 * MIB,
					    .tracks = 50,
					    .ttl = 3600},
			       .workers = cores > 0 ? (unsigned)cores : 1,
			       .worker_timeout = 10},
		.fuse = strdup(""),
	};
	options->fs.fuse_options = options->fuse;
	return options->fuse ? 0 : -ENOMEM;
}

void options_release(struct mount_options *options)
{
	free(options->fuse);
}

void options_print_help(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		char left[40];

		snprintf(left, sizeof(left), "%s=%s", table[i].key,
			 table[i].value);
		printf("  %-24s %s\n", left, table[i].text);
	}
}
