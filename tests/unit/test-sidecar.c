/* The sidecars' texts: valid, of their size, right, whatever the source is. */
#include "analysis/sidecars/sidecar.h"

#include "analysis/sidecars/dimensions.h"
#include "json_check.h"
#include "scratch.h"

#include <locale.h>
#include <math.h>

static char text[SIDECAR_JSON_SIZE + 1];

static struct measures music(void)
{
	struct measures m = {
		.version = 1,
		.rate = 44100,
		.channels = 2,
		.samples = 441000,
		.integrated = -14.25f,
		.range = 6.5f,
		.true_peak = -0.5f,
		.sample_peak = -0.75f,
		.peak = 0.917276f,
		.rms = 0.125f,
		.bpm = 120.5f,
		.bpm_confidence = 0.75f,
		.first_beat = 0.25f,
		.beats = 20,
		.tonic = 1,
		.minor = 1,
		.key_confidence = 0.5f,
		.acoustid = "AQAAT0mUaEkSRZEG",
	};

	m.dimensions[DIM_MID_PCT] = 1;
	m.dimensions[DIM_LUFS] = -14.25f;
	m.dimensions[DIM_CREST_DB] = 14;
	m.loudness_bins[557] = 100;
	return m;
}

static struct sidecar_source flac(void)
{
	return (struct sidecar_source){
		.path = "Artist/Album/Song.flac",
		.genre = "Folk",
		.codec = "flac",
		.identity = "0123456789abcdef",
		.rate = 44100,
		.channels = 2,
		.bits = 16,
		.samples = 441000,
		.size_bytes = 1234567,
		.mtime = 1714566600,
	};
}

typedef int writer(const struct measures *, const struct sidecar_source *,
		   char *);

/* Writes it, and that it is JSON of its size; leaves it in `text`. */
static void make(writer *write, size_t size, const struct measures *measures,
		 const struct sidecar_source *source)
{
	memset(text, 1, sizeof(text));
	assert_int_equal(write(measures, source, text), 0);
	assert_int_equal(text[size], 1);
	assert_int_equal(text[size - 1], '\n');
	assert_true(json_is_valid(text, size));
	text[size] = '\0';
	assert_int_equal(strlen(text), size);
}

static void make_both(const struct measures *measures,
		      const struct sidecar_source *source)
{
	make(sidecar_25d, SIDECAR_25D_SIZE, measures, source);
	make(sidecar_json, SIDECAR_JSON_SIZE, measures, source);
}

static void assert_has(const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in:\n%.4000s", part, text);
}

static void the_checker_knows_json(void **state)
{
	static const char *const right[] = {
		"{}", "[ ]",
		" {\"a\": [1, -0.5, null, \"\\u00e9\\n\xc3\xa9\"]} \n"};
	static const char *const wrong[] = {
		"",	    "{",     "{\"a\"}", "[1,]",	  "{\"a\": 1,}",
		"[01]",	    "[nan]", "[1.]",	"\"\n\"", "\"\\x\"",
		"\"\xff\"", "[1] 2", "\"a",	"[NaN]",  "[-]"};

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++)
		assert_true(json_is_valid(right[i], strlen(right[i])));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(json_is_valid(wrong[i], strlen(wrong[i])));
}

static void json_says_what_was_measured(void **state)
{
	struct measures m = music();
	struct sidecar_source source = flac();

	(void)state;
	make(sidecar_json, SIDECAR_JSON_SIZE, &m, &source);
	assert_has("\"status\": \"ok\"");
	assert_has("\"reason\": null");
	assert_has("\"path\": \"Artist/Album/Song.flac\"");
	assert_has("\"duration_s\": 10.000");
	assert_has("\"modified_at\": \"2024-05-01T12:30:00Z\"");
	assert_has("\"integrated_lufs\": -14.25");
	assert_has("\"gain_db\": -3.75");
	assert_has("\"peak\": 0.917276");
	assert_has("\"bpm\": 120.50");
	assert_has("\"beat_count\": 20");
	assert_has("\"tonic\": \"C#\"");
	assert_has("\"mode\": \"minor\"");
	assert_has("\"mid_pct\": 1.000000");
	assert_has("\"tag\": \"Folk\"");
	assert_has("\"target_lufs\": -14.10");
	assert_has("\"acoustid\": \"AQAAT0mUaEkSRZEG\"");
	for (int i = 0; i < DIMENSIONS; i++)
		assert_has(dimension_names[i]);
}

static void the_25_dimensions_have_a_file(void **state)
{
	struct measures m = music();
	struct sidecar_source source = flac();

	(void)state;
	make(sidecar_25d, SIDECAR_25D_SIZE, &m, &source);
	assert_has("\"format_version\": \"2.0\"");
	assert_has("\"fingerprint_algorithm_version\": 5");
	assert_has("\"generated_at\": \"2024-05-01T12:30:00Z\"");
	assert_has("\"size_bytes\": 1234567");
	assert_has("\"crest_db\": 14.000000");
	assert_has("\"mastering_targets\": {");
	assert_has("\"processing_cache\": {");
	assert_has("\"metadata\": {");
	for (int i = 0; i < DIMENSIONS; i++)
		assert_has(dimension_names[i]);
}

static void no_tempo_and_no_key_are_null(void **state)
{
	struct measures m = {0};
	struct sidecar_source source = flac();

	(void)state;
	source.genre = NULL;
	make(sidecar_json, SIDECAR_JSON_SIZE, &m, &source);
	assert_has("\"bpm\": null");
	assert_has("\"tonic\": null");
	assert_has("\"tag\": null");
	assert_has("\"acoustid\": null");
}

static unsigned count_lines(void)
{
	return scratch_count(text, "\n");
}

static void a_failure_has_the_same_layout(void **state)
{
	struct measures m = music();
	struct sidecar_source source = flac();
	unsigned lines;

	(void)state;
	make(sidecar_json, SIDECAR_JSON_SIZE, &m, &source);
	lines = count_lines();
	source.failure = "cannot decode: \"bad\" frame";
	make_both(&m, &source);
	assert_int_equal(count_lines(), lines);
	assert_has("\"status\": \"failed\"");
	assert_has("\"reason\": \"cannot decode: \\\"bad\\\" frame\"");
	assert_has("\"integrated_lufs\": null");
	assert_has("\"target_lufs\": null");
	assert_has("\"path\": \"Artist/Album/Song.flac\"");
	source.failure = NULL;
	make_both(NULL, &source);
	assert_has("\"status\": \"failed\"");
}

static void special_characters_are_escaped(void **state)
{
	struct measures m = music();
	struct sidecar_source source = flac();

	(void)state;
	source.path = "a\"b\\c\nd\x01"
		      "e\x7f\xc3\xa9\xf0\x9f\x8e\xb5/\xff\xc0\x80\xed\xa0\x80z";
	make_both(&m, &source);
	assert_has(
		"\"path\": "
		"\"a\\\"b\\\\c\\nd\\u0001e\\u007f\xc3\xa9\xf0\x9f\x8e\xb5/"
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		"\xef\xbf\xbdz\"");
}

static char *repeat(const char *unit, size_t count)
{
	char *all = calloc(count, strlen(unit) + 1);

	assert_non_null(all);
	for (size_t i = 0; i < count; i++)
		strcat(all + i * strlen(unit), unit);
	return all;
}

/* PATH_MAX with nothing to escape is whole; what is longer keeps its end. */
static void long_paths_keep_their_end(void **state)
{
	struct measures m = music();
	struct sidecar_source source = flac();
	char *whole = repeat("x", 4096), *longer = repeat("\x01", 4096);
	char *part;

	(void)state;
	source.path = whole;
	make_both(&m, &source);
	assert_has(whole);
	longer[4095] = 'Z';
	source.path = longer;
	make_both(&m, &source);
	part = strstr(text, "\"path\": \"\xe2\x80\xa6\\u0001");
	assert_non_null(part);
	assert_has("\\u0001Z\",");
	assert_true(strstr(part, "Z\"") - part - 9 <= SIDECAR_PATH_MAX);
	free(whole);
	free(longer);
}

static void nothing_is_too_long(void **state)
{
	static const char *const units[] = {
		"\x01", "\"", "\xff", "\xf0\x9f\x8e\xb5", "\n", "x"};
	struct measures m = music();

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		char *longest = repeat(units[i], 5000);
		struct sidecar_source source = {
			.path = longest,
			.genre = longest,
			.codec = longest,
			.identity = longest,
			.rate = UINT32_MAX,
			.channels = UINT32_MAX,
			.bits = UINT32_MAX,
			.samples = UINT64_MAX,
			.size_bytes = UINT64_MAX,
			.mtime = i % 2 ? INT64_MAX : INT64_MIN,
			.failure = i % 3 ? NULL : longest,
		};

		for (size_t at = 0; at < ACOUSTID_MAX; at++)
			m.acoustid[at] = units[i][at % strlen(units[i])];
		make_both(&m, &source);
		free(longest);
	}
}

/* The worker that measured may be anyone's by now. */
static void random_bytes_as_measures_give_json(void **state)
{
	uint64_t seed = scratch_seed();
	struct sidecar_source source = flac();
	struct measures m;
	uint8_t path[200];

	(void)state;
	source.path = (const char *)path;
	for (int round = 0; round < 2000; round++) {
		for (size_t i = 0; i < sizeof(m); i++)
			((uint8_t *)&m)[i] = (uint8_t)scratch_random(&seed);
		for (size_t i = 0; i < sizeof(path); i++)
			path[i] = (uint8_t)scratch_random(&seed);
		path[199] = 0;
		make_both(&m, &source);
	}
}

static void no_number_is_not_a_number(void **state)
{
	static const float odd[] = {NAN, INFINITY, -INFINITY, 3e38f, -0.0f};
	struct sidecar_source source = flac();
	struct measures m = music();

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		for (int d = 0; d < DIMENSIONS; d++)
			m.dimensions[d] = odd[i];
		m.integrated = m.peak = m.bpm = m.true_peak = odd[i];
		make_both(&m, &source);
		assert_null(strstr(text, "nan"));
		assert_null(strstr(text, "inf"));
		assert_null(strstr(text, "-0.000000"));
	}
}

static void the_locale_does_not_matter(void **state)
{
	struct measures m = music();
	struct sidecar_source source = flac();
	static char before[SIDECAR_JSON_SIZE];

	(void)state;
	make(sidecar_json, SIDECAR_JSON_SIZE, &m, &source);
	memcpy(before, text, sizeof(before));
	if (!setlocale(LC_ALL, "de_DE.UTF-8"))
		print_message("# no German locale here\n");
	make(sidecar_json, SIDECAR_JSON_SIZE, &m, &source);
	setlocale(LC_ALL, "C");
	assert_memory_equal(text, before, sizeof(before));
}

static void python_reads_it(void **state)
{
	char *directory = scratch_make();
	struct measures m = music();
	struct sidecar_source source = flac();
	char *command, *path = scratch_path(directory, "t");

	(void)state;
	if (system("python3 -c '' 2>/dev/null") != 0) {
		print_message("# skipped: no python3\n");
		free(path);
		scratch_remove(directory);
		skip();
	}
	source.path = "\"\\\x02\xc3\xa9\xe0\x80\x80\xfe";
	make(sidecar_json, SIDECAR_JSON_SIZE, &m, &source);
	scratch_write(directory, "t", text);
	assert_true(
		asprintf(&command,
			 "python3 -c 'import json; j = json.load(open(\"%s\", "
			 "encoding=\"utf-8\")); "
			 "assert len(j[\"fingerprint\"]) == 25; "
			 "assert j[\"source\"][\"path\"] == "
			 "\"\\\"\\\\\\x02\\xe9\" + \"\\ufffd\" * 4, j'",
			 path) > 0);
	assert_int_equal(system(command), 0);
	free(command);
	free(path);
	scratch_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_checker_knows_json),
		cmocka_unit_test(json_says_what_was_measured),
		cmocka_unit_test(the_25_dimensions_have_a_file),
		cmocka_unit_test(no_tempo_and_no_key_are_null),
		cmocka_unit_test(a_failure_has_the_same_layout),
		cmocka_unit_test(special_characters_are_escaped),
		cmocka_unit_test(long_paths_keep_their_end),
		cmocka_unit_test(nothing_is_too_long),
		cmocka_unit_test(random_bytes_as_measures_give_json),
		cmocka_unit_test(no_number_is_not_a_number),
		cmocka_unit_test(the_locale_does_not_matter),
		cmocka_unit_test(python_reads_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
