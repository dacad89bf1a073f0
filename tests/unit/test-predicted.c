/*
 * AAC whose decoder predicts each frame from all that it decoded before. FFmpeg
 * encodes the Main profile, but no encoder here predicts in the LTP profile:
 * frames are made that hold nothing but the order to go on with what was.
 */
#include "scratch.h"
#include "tests/unit/orders.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"

#include <string.h>

#define ENCODE "ffmpeg -nostdin -v error -y "

/* Lasting tones are what a predictor is good for. */
#define TONES                                                                  \
	"-f lavfi -i \"aevalsrc=0.2*sin(6283.2*t)+0.2*sin(2764.6*t)"           \
	"|0.3*sin(1885*t)+0.1*sin(15708*t):d=%d:s=44100\" "

static char *encode(const char *name, int seconds, const char *options)
{
	char command[512];

	snprintf(command, sizeof(command), ENCODE TONES "%s $OUT", seconds,
		 options);
	return sound_encode(orders_directory, name, orders_wave, command);
}

/* All orders are the same; what FFmpeg decodes begins with it, and is loud. */
static void check(const char *path, unsigned channels)
{
	size_t size, silent;
	uint64_t samples = orders_length(path), loud = 0;
	float *ours = orders_read(path, samples, channels, &silent), *whole;
	char *raw = sound_encode(orders_directory, "raw", path,
				 ENCODE "-i $IN -f f32le $OUT");

	assert_int_equal(silent, 0);
	assert_non_null(raw);
	whole = sound_load(raw, &size);
	assert_true(size >= samples * channels * sizeof(*whole));
	for (uint64_t i = 0; i < samples * channels; i++) {
		if (ours[i] != whole[i])
			fail_msg("%s: %g at %zu, not %g", path, ours[i],
				 (size_t)i, whole[i]);
		loud += ours[i] > 0.01;
	}
	assert_true(loud > samples / 4);
	free(whole);
	free(raw);
	free(ours);
}

static void main_profile_in(const char *name)
{
	char *path = encode(
		name, 9, "-c:a aac -profile:a aac_main -aac_pred 1 -aac_pns 0");

	if (!path)
		skip();
	check(path, 2);
	free(path);
}

static void main_profile_is_the_same_in_any_order(void **state)
{
	(void)state;
	main_profile_in("main.aac");
	main_profile_in("main.m4a");
}

struct bits {
	uint8_t bytes[32];
	unsigned count;
};

static void put(struct bits *bits, unsigned width, unsigned value)
{
	for (; width-- > 0; bits->count++) {
		unsigned bit = value >> width & 1;

		bits->bytes[bits->count / 8] |=
			(uint8_t)(bit << (7 - bits->count % 8));
	}
}

/*
 * ISO 14496-3, 1.A.2.2 and 4.4.2: a header of ADTS as `like`, then one channel
 * without a line of its own, in which each band is predicted.
 */
static struct bits predicting_frame(const uint8_t *like)
{
	enum { LAG = 1412, GAIN_98_PERCENT = 4, BANDS = 40, HEADER = 7 };
	struct bits bits = {.count = 8 * HEADER};

	put(&bits, 7, 0);   /* a single channel, tag 0 */
	put(&bits, 8, 140); /* global gain */
	put(&bits, 4, 0);   /* a long window */
	put(&bits, 6, BANDS);
	put(&bits, 2, 3); /* prediction is here, and of long term */
	put(&bits, 11, LAG);
	put(&bits, 3, GAIN_98_PERCENT);
	for (unsigned i = 0; i < BANDS; i++)
		put(&bits, 1, 1);
	put(&bits, 4, 0); /* a section of zeros */
	put(&bits, 5, 31);
	put(&bits, 5, BANDS - 31);
	put(&bits, 3, 0); /* no pulses, noise shaping or gain control */
	put(&bits, 3, 7); /* end */
	memcpy(bits.bytes, like, HEADER);
	bits.count = (bits.count + 7) / 8;
	bits.bytes[3] &= 0xfc;
	bits.bytes[4] = (uint8_t)(bits.count >> 3);
	bits.bytes[5] = (uint8_t)(bits.count << 5 | 0x1f);
	return bits;
}

static void long_term_prediction_is_the_same_in_any_order(void **state)
{
	enum { PREDICTED = 400 };
	char *path = encode("ltp.aac", 1,
			    "-ac 1 -c:a aac -profile:a aac_ltp -aac_ltp 1 "
			    "-aac_pns 0 -strict -2");
	uint8_t *frames;
	struct bits frame;
	size_t size;

	(void)state;
	if (!path)
		skip();
	frames = sound_load(path, &size);
	frame = predicting_frame(frames);
	frames = realloc(frames, size + PREDICTED * frame.count);
	assert_non_null(frames);
	for (unsigned i = 0; i < PREDICTED; i++, size += frame.count)
		memcpy(frames + size, frame.bytes, frame.count);
	sound_store(path, frames, size);
	check(path, 1);
	free(frames);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(main_profile_is_the_same_in_any_order),
		cmocka_unit_test(long_term_prediction_is_the_same_in_any_order),
	};

	media_setup();
	return cmocka_run_group_tests(tests, orders_set_up, orders_tear_down);
}
