/*
 * Speex as speexdec(1), the reference, decodes it: every mode, frames joined in
 * packets, stereo, long files and such as fit on one page.
 */
#include "scratch.h"
#include "tests/unit/orders.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"

#include <math.h>
#include <sndfile.h>

/* The length is the program's, too. */
static float *reference(const char *path, unsigned channels, uint64_t *samples)
{
	char *wave = sound_encode(orders_directory, "reference.wav", path,
				  "speexdec $IN $OUT >/dev/null 2>&1");
	SF_INFO info = {0};
	SNDFILE *file;
	float *frames;

	assert_non_null(wave);
	file = sf_open(wave, SFM_READ, &info);
	assert_non_null(file);
	assert_int_equal(info.channels, channels);
	*samples = (uint64_t)info.frames;
	frames = malloc(*samples * channels * sizeof(*frames));
	assert_non_null(frames);
	assert_int_equal(sf_readf_float(file, frames, info.frames),
			 info.frames);
	sf_close(file);
	free(wave);
	return frames;
}

static void check(const char *command, unsigned channels)
{
	char *path =
		sound_encode(orders_directory, "a.spx", orders_wave, command);
	uint64_t samples;
	size_t silent;
	float *frames, *whole;

	if (!path)
		skip();
	whole = reference(path, channels, &samples);
	assert_int_equal(orders_length(path), samples);
	frames = orders_read(path, samples, channels, &silent);
	assert_int_equal(silent, 0);
	for (uint64_t i = 0; i < samples * channels; i++) {
		if (fabsf(frames[i] - whole[i]) > 1 / 32000.f)
			fail_msg("%s: %g at %zu, not %g", command, frames[i],
				 (size_t)i, whole[i]);
	}
	free(frames);
	free(whole);
	free(path);
}

#define CUT(rate, seconds, channels)                                           \
	"ffmpeg -nostdin -v error -y -i $IN -t " seconds " -ar " rate          \
	" -ac " channels " $IN." rate ".wav && speexenc "
#define INTO(rate) " $IN." rate ".wav $OUT >/dev/null 2>&1"

static void all_modes_are_exact(void **state)
{
	(void)state;
	check(CUT("8000", "5", "1") "-n" INTO("8000"), 1);
	check(CUT("16000", "5", "1") "-w" INTO("16000"), 1);
	check(CUT("32000", "5", "1") "-u" INTO("32000"), 1);
	check(CUT("44100", "5", "2") "-u --vbr" INTO("44100"), 2);
}

static void packets_of_many_frames_are_exact(void **state)
{
	(void)state;
	check(CUT("8000", "5", "2") "-n --nframes 3" INTO("8000"), 2);
	check(CUT("16000", "5", "2") "-w --nframes 10" INTO("16000"), 2);
	check(CUT("32000", "5", "1") "-u --nframes 10" INTO("32000"), 1);
}

static void one_page_is_exact(void **state)
{
	(void)state;
	check(CUT("8000", "0.1", "1") "-n --nframes 10" INTO("8000"), 1);
	check(CUT("16000", "0.3", "2") "-w" INTO("16000"), 2);
	check(CUT("32000", "0.02", "1") "-u" INTO("32000"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_modes_are_exact),
		cmocka_unit_test(packets_of_many_frames_are_exact),
		cmocka_unit_test(one_page_is_exact),
	};

	media_setup();
	return cmocka_run_group_tests(tests, orders_set_up, orders_tear_down);
}
