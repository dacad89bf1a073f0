/* What is said of albums, and what is made of the dimensions. */
#include "analysis/sidecars/loudness_bins.h"
#include "analysis/sidecars/sidecar.h"
#include "analysis/sidecars/sidecar_private.h"
#include "json_check.h"
#include "scratch.h"

#include <math.h>

static char text[SIDECAR_ALBUM_SIZE + 1];

static struct measures song(void)
{
	return (struct measures){.rate = 44100,
				 .samples = 441000,
				 .integrated = -14.25f,
				 .true_peak = -0.5f,
				 .peak = 0.917276f};
}

static void assert_has(const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in:\n%.4000s", part, text);
}

static void targets_follow_their_formulas(void **state)
{
	float dimensions[DIMENSIONS] = {
		[DIM_SUB_BASS_PCT] = 0.007f,
		[DIM_BASS_PCT] = 0.53f,
		[DIM_LOW_MID_PCT] = 0.33f,
		[DIM_MID_PCT] = 0.0175f,
		[DIM_UPPER_MID_PCT] = 0.99f,
		[DIM_PRESENCE_PCT] = 1e-6f,
		[DIM_LUFS] = -20,
		[DIM_CREST_DB] = 20,
	};
	static const double gains[] = {5, 0, -1.50515, 5, -6, 6, 0};
	struct targets targets;

	(void)state;
	targets_of(dimensions, &targets);
	assert_true(fabs(targets.lufs - -16.4) < 1e-6);
	assert_true(fabs(targets.crest_db - 17) < 1e-6);
	for (int i = 0; i < TARGETS_BANDS; i++)
		assert_true(fabs(targets.eq_db[i] - gains[i]) < 1e-4);
	assert_true(targets.ratio == 2.5 && targets.amount == 0.6);
	memset(dimensions, 0, sizeof(dimensions));
	targets_of(dimensions, &targets);
	assert_true(targets.crest_db == 10 && targets.eq_db[3] == 0);
}

/* -23 and -33 LUFS in equal parts: the gate at -35.6 keeps both. */
static void an_album_s_loudness_is_of_all_blocks(void **state)
{
	struct measures loud = song(), soft = song(), faint = song();
	const struct sidecar_track tracks[] = {{"1 loud.flac", &loud},
					       {"2 \"soft\".flac", &soft},
					       {"3 broken.flac", NULL},
					       {"4 faint.flac", &faint}};
	double both = 10 * log10((pow(10, -2.295) + pow(10, -3.295)) / 2);
	char expected[64];

	(void)state;
	memset(loud.loudness_bins, 0, sizeof(loud.loudness_bins));
	memset(soft.loudness_bins, 0, sizeof(soft.loudness_bins));
	memset(faint.loudness_bins, 0, sizeof(faint.loudness_bins));
	loud.loudness_bins[470] = 1000;
	soft.loudness_bins[370] = 1000;
	faint.loudness_bins[100] = 500;
	soft.peak = 0.5f;
	memset(text, 1, sizeof(text));
	assert_int_equal(sidecar_album("Artist/Album", tracks, 4, text), 0);
	assert_true(json_is_valid(text, SIDECAR_ALBUM_SIZE));
	text[SIDECAR_ALBUM_SIZE] = '\0';
	snprintf(expected, sizeof(expected), "\"integrated_lufs\": %.2f", both);
	assert_has(expected);
	snprintf(expected, sizeof(expected), "\"gain_db\": %.2f", -18 - both);
	assert_has(expected);
	assert_has("\"peak\": 0.917276");
	assert_has("\"tracks_total\": 4");
	assert_has("\"tracks_analysed\": 3");
	assert_has("\"tracks_listed\": 4");
	assert_has("{\"name\": \"2 \\\"soft\\\".flac\", \"status\": \"ok\"");
	assert_has("{\"name\": \"3 broken.flac\", \"status\": \"failed\", "
		   "\"integrated_lufs\": null");
}

static void an_album_of_any_size_fits(void **state)
{
	struct measures m = song();
	char name[301] = "";
	struct sidecar_track *tracks = calloc(1000, sizeof(*tracks));

	(void)state;
	memset(name, 1, 300);
	assert_non_null(tracks);
	memset(m.loudness_bins, 0xff, sizeof(m.loudness_bins));
	m.peak = m.true_peak = m.integrated = -3e38f;
	for (size_t count = 0; count <= 1000;
	     count = count < 50 ? count + 1 : count + 190) {
		for (size_t i = 0; i < count; i++)
			tracks[i] = (struct sidecar_track){name + (i % 3) * 140,
							   i % 7 ? &m : NULL};
		assert_int_equal(sidecar_album(name, tracks, count, text), 0);
		assert_true(json_is_valid(text, SIDECAR_ALBUM_SIZE));
	}
	assert_int_equal(sidecar_album("a", NULL, 0, text), 0);
	assert_true(json_is_valid(text, SIDECAR_ALBUM_SIZE));
	free(tracks);
}

static void loudness_of_no_blocks_is_the_least(void **state)
{
	uint32_t bins[LOUDNESS_BINS] = {0};

	(void)state;
	assert_true(loudness_of_bins(bins) == -70);
	bins[999] = UINT32_MAX;
	assert_true(fabs(loudness_of_bins(bins) - 29.95) < 1e-6);
	loudness_add_bins(bins, bins);
	assert_int_equal(bins[999], UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_follow_their_formulas),
		cmocka_unit_test(an_album_s_loudness_is_of_all_blocks),
		cmocka_unit_test(an_album_of_any_size_fits),
		cmocka_unit_test(loudness_of_no_blocks_is_the_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
