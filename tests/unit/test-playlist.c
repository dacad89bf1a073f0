/* Playlists that were made to keep us busy: they are given up. */
#include "scratch.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "library/catalog.h"
#include "library/playlist.h"
#include "library/playlist_find.h"

static char *directory;
static struct catalog catalog;

static int set_up(void **state)
{
	struct catalog_options options = {0};
	auto_free char *path = NULL;

	(void)state;
	directory = scratch_make();
	path = scratch_path(directory, "a.flac");
	assert_int_equal(close(creat(path, 0600)), 0);
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

static int find(struct playlist_finder *finder, char *name)
{
	struct playlist_entry entry = {.kind = PLAYLIST_M3U, .name = name};
	auto_free char *path = NULL;

	return playlist_find(finder, &entry, &path);
}

static void too_many_names_are_given_up(void **state)
{
	struct playlist_finder finder = {.catalog = &catalog,
					 .path = "list.m3u"};
	char there[] = "./././a.flac";

	(void)state;
	finder.looks = PLAYLIST_LOOKS_MAX - 2 * (4 + 3);
	assert_int_equal(find(&finder, there), 0);
	assert_int_equal(find(&finder, there), 0);
	assert_int_equal(find(&finder, there), -E2BIG);
	playlist_finder_release(&finder);
}

static int never_found(void *arg, const char *path)
{
	(void)arg, (void)path;
	fail();
	return 0;
}

static void never_missing(void *arg, const char *name)
{
	(void)arg, (void)name;
	fail();
}

static void elements_without_end_are_given_up(void **state)
{
	auto_free char *path = scratch_path(directory, "deep.xspf");
	FILE *file = fopen(path, "w");

	(void)state;
	assert_non_null(file);
	for (unsigned i = 0; i < 1000; i++)
		fputs("<a>", file);
	for (unsigned i = 0; i < 1000; i++)
		fputs("</a>", file);
	fclose(file);
	assert_int_equal(playlist_read(&catalog, "deep.xspf", never_found,
				       never_missing, NULL),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_many_names_are_given_up),
		cmocka_unit_test(elements_without_end_are_given_up),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("playlist", tests, set_up,
					   tear_down);
}
