/* See settings.h. */
#include "cli/settings/settings.h"

#include "cli/settings/options.h"
#include "cli/settings/values.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *default_cache(void)
{
	return backend_cache_path(NULL);
}

static int set_cache(struct mount_options *options, const char *value)
{
	if (*value == '\0' || *value == '~')
		return -EINVAL;
	options->fs.core.backend.cache = value;
	return 0;
}

static int set_cache_size(struct mount_options *options, const char *value)
{
	return value_size(value, &options->fs.core.backend.limits.size);
}

static int set_cache_age(struct mount_options *options, const char *value)
{
	return value_time(value, &options->fs.core.backend.limits.age);
}

static int set_min_free(struct mount_options *options, const char *value)
{
	return value_size(value, &options->fs.core.backend.limits.min_free);
}

/* A quarter of the machine's RAM, at most a GiB. */
static char *default_memory(void)
{
	uint64_t mib = (uint64_t)sysconf(_SC_PHYS_PAGES) *
			       (uint64_t)sysconf(_SC_PAGESIZE) / 4 >>
		       20;
	char *text;

	if (mib >= 1024)
		return strdup("1G");
	return asprintf(&text, "%uM", (unsigned)mib) < 0 ? NULL : text;
}

static int set_memory(struct mount_options *options, const char *value)
{
	return value_size(value, &options->fs.core.backend.pool_size);
}

static int set_spill(struct mount_options *options, const char *value)
{
	return value_size(value, &options->fs.core.backend.spill);
}

static int set_pcm(struct mount_options *options, const char *value)
{
	int err = *value ? value_list(value, view_is_decoded_name) : 0;

	if (err)
		return err;
	options->fs.core.catalog.decoded = value;
	return 0;
}

static int set_flag(const char *value, bool *flag)
{
	static const char *const words[] = {"no", "yes", NULL};
	int word = value_word(value, words);

	if (word < 0)
		return word;
	*flag = word;
	return 0;
}

static int set_pcm_on_disk(struct mount_options *options, const char *value)
{
	return set_flag(value, &options->fs.core.catalog.decoded_on_disk);
}

static int set_follow_links(struct mount_options *options, const char *value)
{
	return set_flag(value, &options->fs.core.catalog.follow_links);
}

static int set_analysis_memory(struct mount_options *options, const char *value)
{
	return value_size(value, &options->fs.core.backend.resident.size);
}

static int set_analysis_tracks(struct mount_options *options, const char *value)
{
	return value_number(value, 1, 1000000,
			    &options->fs.core.backend.resident.tracks);
}

static int set_analysis_ttl(struct mount_options *options, const char *value)
{
	uint64_t ttl;
	int err = value_time(value, &ttl);

	if (err || ttl > UINT32_MAX)
		return -EINVAL;
	options->fs.core.backend.resident.ttl = (unsigned)ttl;
	return 0;
}

static int set_analyze(struct mount_options *options, const char *value)
{
	static const char *const words[] = {"on-read", "on-play", NULL};
	int word = value_word(value, words);

	if (word < 0)
		return word;
	options->fs.analyze_on_play = word;
	return 0;
}

static int set_lossless(struct mount_options *options, const char *value)
{
	int err = value_list(value, sources_know_word);

	if (err)
		return err;
	options->fs.core.catalog.lossless = value;
	return 0;
}

static int set_transcode_lossy_above(struct mount_options *options,
				     const char *value)
{
	return value_number(value, 0, 100000,
			    &options->fs.core.catalog.transcode_lossy_above);
}

static int set_cover_max(struct mount_options *options, const char *value)
{
	return value_number(value, 0, 65535,
			    &options->fs.core.backend.cover_max);
}

static int set_id3_version(struct mount_options *options, const char *value)
{
	static const char *const words[] = {"2.3", "2.4", NULL};
	int word = value_word(value, words);

	if (word < 0)
		return word;
	options->fs.core.backend.tag_style.version = 3 + (uint32_t)word;
	return 0;
}

/* ASCII, so that a text keeps its encoding. */
static int set_id3_separator(struct mount_options *options, const char *value)
{
	char *separator = options->fs.core.backend.tag_style.separator;
	size_t size = strlen(value);

	if (size == 0 || size >= TAG_SEPARATOR_MAX)
		return -EINVAL;
	for (size_t i = 0; i < size; i++) {
		if (value[i] < ' ' || value[i] > '~')
			return -EINVAL;
	}
	memset(separator, 0, TAG_SEPARATOR_MAX);
	memcpy(separator, value, size);
	return 0;
}

static int set_precache(struct mount_options *options, const char *value)
{
	options->fs.precache = value;
	return 0;
}

static char *default_workers(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	char *text;

	return asprintf(&text, "%ld", cores > 0 ? cores : 1) < 0 ? NULL : text;
}

static int set_workers(struct mount_options *options, const char *value)
{
	return value_number(value, 1, 256, &options->fs.core.backend.workers);
}

static int set_worker_timeout(struct mount_options *options, const char *value)
{
	return value_number(value, 1, 3600,
			    &options->fs.core.backend.worker_timeout);
}

/* Without a value: the source's. */
static int set_uid(struct mount_options *options, const char *value)
{
	options->fs.rights.uid = FS_AS_SOURCE;
	return *value ? value_user(value, &options->fs.rights.uid) : 0;
}

static int set_gid(struct mount_options *options, const char *value)
{
	options->fs.rights.gid = FS_AS_SOURCE;
	return *value ? value_group(value, &options->fs.rights.gid) : 0;
}

static int set_mask(const char *value, int *mask)
{
	*mask = FS_AS_SOURCE;
	return *value ? value_mask(value, mask) : 0;
}

static int set_umask(struct mount_options *options, const char *value)
{
	return set_mask(value, &options->fs.rights.umask);
}

static int set_fmask(struct mount_options *options, const char *value)
{
	return set_mask(value, &options->fs.rights.fmask);
}

static int set_dmask(struct mount_options *options, const char *value)
{
	return set_mask(value, &options->fs.rights.dmask);
}

static int set_log_level(struct mount_options *options, const char *value)
{
	static const char *const words[] = {"error", "warn", "info", "debug",
					    NULL};
	int word = value_word(value, words);

	if (word < 0)
		return word;
	options->log_level = (enum log_level)word;
	return 0;
}

static int set_log_target(struct mount_options *options, const char *value)
{
	static const char *const words[] = {"auto", "stderr", "syslog", NULL};
	int word = value_word(value, words);

	if (word < 0)
		return word;
	options->log_target = (enum log_target)word;
	return 0;
}

#define A_SIZE "a size such as 500M or 10G"
#define A_MASK "an octal number such as 022"
#define A_TIME "a time such as 30m, 12h or 30d"

const struct setting settings[] = {
	{"cache", "DIR", "a folder such as /var/cache/groovefs or ~/cache",
	 "where the cache is", NULL, default_cache, set_cache, true},
	{"cache_size", "SIZE", A_SIZE, "its maximum size, 0: no limit", "10G",
	 NULL, set_cache_size},
	{"cache_age", "TIME", A_TIME,
	 "remove what was not used for this long, 0: never", "0", NULL,
	 set_cache_age},
	{"min_free", "SIZE", A_SIZE, "space to leave free on its disk", "512M",
	 NULL, set_min_free},
	{"memory", "SIZE", A_SIZE,
	 "memory for decoded audio (a quarter of RAM, at most 1G)", NULL,
	 default_memory, set_memory},
	{"spill", "SIZE", A_SIZE,
	 "disk space for decoded audio that does not fit into memory", "1G",
	 NULL, set_spill},
	{"pcm", "VIEW:...",
	 "views such as 16000-mono:44100 (a rate from 8000 to 192000 or "
	 "native, then perhaps -mono, then perhaps -s16)",
	 "views to list in pcm/, such as 16000-mono:44100", "", NULL, set_pcm},
	{"pcm_on_disk", "yes|no", "yes or no",
	 "keep decoded audio in the cache, too", "no", NULL, set_pcm_on_disk},
	{"follow_links", "yes|no", "yes or no",
	 "show the targets of links that lead out of the library", "no", NULL,
	 set_follow_links},
	{"analysis_memory", "SIZE", A_SIZE, "memory for recent analyses", "4M",
	 NULL, set_analysis_memory},
	{"analysis_tracks", "N", "a number from 1 to 1000000",
	 "maximum number of tracks in it", "50", NULL, set_analysis_tracks},
	{"analysis_ttl", "TIME", A_TIME,
	 "how long one stays there, 0: no limit", "1h", NULL, set_analysis_ttl},
	{"analyze", "on-read|on-play", "on-read or on-play",
	 "when to analyze a track: when one of its analysis files is read, or "
	 "also when it is played",
	 "on-read", NULL, set_analyze},
	{"lossless", "WORD:...",
	 "all, or extensions and codecs such as flac:alac:wav:pcm",
	 "which files to transcode: extensions and codecs such as flac:alac, "
	 "or all",
	 "all", NULL, set_lossless},
	{"transcode_lossy_above", "KBPS",
	 "kbit/s from 1 to 100000, or 0 for never",
	 "transcode lossy files above this bit rate, too, 0: never", "0", NULL,
	 set_transcode_lossy_above},
	{"cover_max", "PIXELS", "a number of pixels up to 65535, or 0 for any",
	 "scale larger pictures in MP3s down to this side, 0: never", "0", NULL,
	 set_cover_max},
	{"id3_version", "2.3|2.4", "2.3 or 2.4",
	 "version of the MP3s' ID3 tags", "2.4", NULL, set_id3_version},
	{"id3_separator", "TEXT", "one to three ASCII characters",
	 "separator of multiple values in ID3v2.3", "/", NULL,
	 set_id3_separator},
	{"precache", "QUALITY:...", "names of qualities such as medium:low",
	 "cache new tracks in these qualities as they appear", "", NULL,
	 set_precache},
	{"workers", "N", "a number from 1 to 256",
	 "worker processes for readers (one per core); background work has "
	 "as many of its own",
	 NULL, default_workers, set_workers},
	{"worker_timeout", "SECONDS", "a number of seconds from 1 to 3600",
	 "restart a worker that has not answered for this long", "10", NULL,
	 set_worker_timeout},
	{"uid", "USER", "a user's name or number",
	 "owner of all files and folders (the source's)", "", NULL, set_uid},
	{"gid", "GROUP", "a group's name or number", "their group, likewise",
	 "", NULL, set_gid},
	{"umask", "MASK", A_MASK, "permission bits to clear, such as 022", "",
	 NULL, set_umask},
	{"fmask", "MASK", A_MASK, "the same for files only", "", NULL,
	 set_fmask},
	{"dmask", "MASK", A_MASK, "the same for folders only", "", NULL,
	 set_dmask},
	{"log_level", "LEVEL", "error, warn, info or debug",
	 "error, warn, info or debug", "info", NULL, set_log_level},
	{"log_target", "TARGET", "auto, stderr or syslog",
	 "stderr, syslog, or auto: stderr in the foreground, else syslog",
	 "auto", NULL, set_log_target},
};

const unsigned settings_count = sizeof(settings) / sizeof(*settings);

static_assert(sizeof(settings) / sizeof(*settings) <= SETTINGS_MAX,
	      "SETTINGS_MAX is too small");

const struct setting *settings_find(const char *name, size_t n)
{
	for (unsigned i = 0; i < settings_count; i++) {
		if (strlen(settings[i].name) == n &&
		    strncmp(settings[i].name, name, n) == 0)
			return &settings[i];
	}
	return NULL;
}

char *settings_names(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (unsigned i = 0; i < settings_count; i++)
		fprintf(out, "%s%s", i ? ", " : "", settings[i].name);
	fclose(out);
	return text;
}
