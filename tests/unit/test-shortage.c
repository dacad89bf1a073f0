/*
 * No memory outside the cache: each allocation fails in turn, once or from then
 * on, in what reads settings, playlists and folders and keeps facts. It says
 * so, and never takes what is short for what is there.
 */
#include "failing.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/settings/config_file.h"
#include "cli/settings/config_text.h"
#include "cli/settings/options.h"
#include "library/library.h"
#include "tasks/tasks.h"

#include <locale.h>

static char *directory;
static struct catalog catalog;

static void write_text(const char *name, const char *text)
{
	auto_free char *path = scratch_path(directory, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void make_library(void)
{
	auto_free char *folder = scratch_path(directory, "Artist");

	assert_int_equal(mkdir(folder, 0700), 0);
	write_text("Artist/Song.flac", "no music");
	write_text("Artist/Sóng.wav", "nor this");
	write_text("cover.jpg", "no picture");
	write_text("list.m3u8", "Artist/Song.flac\n\\artist\\SONG.flac\n"
				"artist/Sóng.wav\nnone.flac\n");
	write_text("list.pls", "[playlist]\nFile1=Artist/Song.flac\n");
	write_text("list.cue", "FILE \"Artist/Song.flac\" WAVE\n");
	write_text("list.xspf",
		   "<playlist><trackList><track><location>Artist/Song.flac"
		   "</location></track></trackList></playlist>");
	write_text("settings", "lossless = flac,wav\npcm = 44100:native\n"
			       "cache = ~/music\n[quality small]\n"
			       "bit_rate = 64\nchannels = 1\n");
}

static int set_up(void **state)
{
	static const struct profile low = {
		.name = "low", .codec = CODEC_MP3, .bit_rate = 128};
	struct catalog_options options = {.decoded = "native",
					  .qualities = &low,
					  .quality_count = 1,
					  .lossless = "flac,wav"};

	(void)state;
	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TMPDIR", "/dev/shm", 1); /* where to sync costs nothing */
	directory = scratch_make();
	make_library();
	options.library = directory;
	return catalog_open(&catalog, &options);
}

static int tear_down(void **state)
{
	(void)state;
	catalog_close(&catalog);
	scratch_remove(directory);
	return 0;
}

/* What is taken without an error is all of it. */
static int read_settings(void *context)
{
	auto_free char *text = NULL;
	struct mount_options options;
	int err = options_init(&options);

	if (!err)
		err = config_file_read(&options, context, true);
	if (!err)
		text = config_text(&options);
	options_release(&options);
	if (err || !text)
		return err ? err : -ENOMEM;
	assert_non_null(strstr(text, "lossless = flac,wav"));
	assert_non_null(strstr(text, "[quality small]"));
	assert_non_null(strstr(text, "bit_rate = 64"));
	return 0;
}

static void settings_are_read(void **state)
{
	auto_free char *path = scratch_path(directory, "settings");

	(void)state;
	fail_each(read_settings, path);
}

static int count_found(void *arg, const char *path)
{
	(void)path;
	++*(unsigned *)arg;
	return 0;
}

static void ignore_missing(void *arg, const char *name)
{
	(void)arg, (void)name;
}

/* As many as without a failure: at first nothing fails. */
static unsigned expected;

static int read_playlist(void *context)
{
	unsigned found = 0;
	int err = playlist_read(&catalog, context, count_found, ignore_missing,
				&found);

	if (!err && expected == 0)
		expected = found;
	if (!err)
		assert_int_equal(found, expected);
	return err;
}

static void playlists_are_read(void **state)
{
	static char names[][10] = {"list.m3u8", "list.pls", "list.cue",
				   "list.xspf"};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		expected = 0;
		fail_each(read_playlist, names[i]);
		print_message("# %u found\n", expected);
	}
}

struct answer {
	int err;
	struct listing *listing;
};

static void take_listing(void *arg, int err, struct listing *listing)
{
	*(struct answer *)arg = (struct answer){err, listing};
}

static int list(void *context)
{
	const struct view *view = views_find(&catalog.views, "low");
	const struct asker asker = {0};
	struct answer answer = {-EIO, NULL};

	listing_ask(catalog.library, NULL, context, view, &asker, take_listing,
		    &answer);
	if (answer.err)
		return answer.err;
	assert_int_equal(answer.listing->count, *(char *)context ? 2 : 7);
	assert_true(*(char *)context == '\0' ||
		    listing_find(answer.listing, "Song.mp3"));
	listing_unref(answer.listing);
	return 0;
}

static void folders_are_listed(void **state)
{
	char root[] = "", folder[] = "Artist";

	(void)state;
	fail_each(list, root);
	fail_each(list, folder);
}

static int open_catalog(void *context)
{
	const struct catalog_options options = {
		.library = context,
		.decoded = "native:44100",
		.lossless = "flac,wav",
	};
	struct catalog opened;
	int err = catalog_open(&opened, &options);

	catalog_close(&opened);
	return err;
}

static void a_library_is_opened(void **state)
{
	(void)state;
	fail_each(open_catalog, directory);
}

/* What was not kept is not known; what is known is right. */
static int keep_facts(void *context)
{
	const struct file_id id = {1, 2, 3, 4, 5};
	const struct facts facts = {.kind = FACTS_LOSSLESS,
				    .rate = 44100,
				    .channels = 2,
				    .samples = 1234,
				    .codec = "flac"};
	struct facts_db *db;
	struct facts known;
	int err = facts_open(context, &db);

	if (err)
		return err;
	facts_put(db, &id, &facts);
	err = facts_get(db, &id, &known);
	if (!err)
		assert_int_equal(known.samples, 1234);
	facts_close(db);
	return err == -ENOENT ? -ENOMEM : err;
}

static void facts_are_kept(void **state)
{
	auto_free char *aside = scratch_path(directory, "facts.sqlite.bad");

	(void)state;
	failing_shared = true;
	fail_in_turn(keep_facts, directory, false);
	failing_shared = false;
	assert_int_equal(access(aside, F_OK), -1); /* it is not */
}

/* Without memory for it an event is not told; what is told is whole. */
static int publish(void *context)
{
	const struct event event = {.task_id = "t",
				    .step = "precache",
				    .status = EVENT_COMPLETED,
				    .message = "Artist/Song.flac"};
	struct events *events = events_create();
	struct events_reader *reader =
		events ? events_open(events, true) : NULL;

	(void)context;
	if (reader) {
		events_publish(events, &event);
		events_close(reader);
	}
	events_destroy(events);
	return reader ? 0 : -ENOMEM;
}

static void events_are_published(void **state)
{
	(void)state;
	fail_each(publish, NULL);
}

static int write_json(void *context)
{
	char text[200];
	struct json json;

	(void)context;
	json_begin(&json, text, sizeof(text));
	json_text(&json, "a", "Sóng\xff", 100, JSON_KEEP_END);
	json_path(&json, "b", "Sóng\xff");
	json_time(&json, "c", 0);
	assert_int_equal(json_end(&json), 0);
	assert_non_null(strstr(text, "1970-01-01"));
	return 0;
}

static void json_needs_none(void **state)
{
	(void)state;
	fail_each(write_json, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_read),
		cmocka_unit_test(playlists_are_read),
		cmocka_unit_test(folders_are_listed),
		cmocka_unit_test(a_library_is_opened),
		cmocka_unit_test(facts_are_kept),
		cmocka_unit_test(events_are_published),
		cmocka_unit_test(json_needs_none),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("shortage", tests, set_up,
					   tear_down);
}
