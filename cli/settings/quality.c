/* See quality.h. */
#include "cli/settings/quality.h"

#include "base/log.h"
#include "cli/settings/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BIT_RATES                                                              \
	"32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256 or 320"
#define TEXT_OF_(number) #number
#define TEXT_OF(number) TEXT_OF_(number)
#define RATES "32000, 44100 or 48000"

enum { CODEC, BIT_RATE, RATE, CHANNELS, LAME_QUALITY };

int given_set(struct given *given, const char *text, const char *origin)
{
	struct given made = {strdup(text), strdup(origin)};

	if (!made.text || !made.origin) {
		given_release(&made);
		return -ENOMEM;
	}
	given_release(given);
	*given = made;
	return 0;
}

void given_release(struct given *given)
{
	free(given->text);
	free(given->origin);
	*given = (struct given){0};
}

static int set_codec(struct profile *profile, const char *value)
{
	static const char *const words[] = {"mp3", "wav", NULL};
	int word = value_word(value, words);

	if (word < 0)
		return word;
	profile->codec = word ? CODEC_WAV : CODEC_MP3;
	return 0;
}

static int set_bit_rate(struct profile *profile, const char *value)
{
	static const char *const words[] = {"32",  "40",  "48",	 "56",	"64",
					    "80",  "96",  "112", "128", "160",
					    "192", "224", "256", "320", NULL};

	if (value_word(value, words) < 0)
		return -EINVAL;
	return value_number(value, 32, 320, &profile->bit_rate);
}

static int set_rate(struct profile *profile, const char *value)
{
	unsigned rate;

	if (value_number(value, 0, 192000, &rate) != 0 ||
	    (rate > 0 && rate < 8000))
		return -EINVAL;
	profile->rate = rate;
	return 0;
}

static int set_channels(struct profile *profile, const char *value)
{
	return value_number(value, 0, 2, &profile->channels);
}

static int set_lame_quality(struct profile *profile, const char *value)
{
	return value_number(value, 0, 9, &profile->lame_quality);
}

const struct quality_setting quality_settings[QUALITY_SETTINGS] = {
	[CODEC] = {"codec", "mp3 or wav", "mp3, or wav: 16 bits", "mp3",
		   set_codec},
	[BIT_RATE] = {"bit_rate", BIT_RATES,
		      "mp3: kbit/s; mono has half of it where channels is 0",
		      "192", set_bit_rate},
	[RATE] = {"rate", "0 or Hz from 8000 to 192000, for mp3 " RATES,
		  "Hz, 0: as the source has, as near to it as the codec can",
		  "0", set_rate},
	[CHANNELS] = {"channels", "0, 1 or 2",
		      "1: mono, 2: stereo, 0: as the source has (mp3: up to 2)",
		      "0", set_channels},
	[LAME_QUALITY] = {"lame_quality", "a number from 0 to 9",
			  "mp3: 0 is the best and slowest, 9 the fastest",
			  TEXT_OF(PROFILE_LAME_QUALITY), set_lame_quality},
};

static int complain_of_quality(const char *origin, const char *name,
			       const char *setting, const char *value,
			       const char *right)
{
	log_error("%s: bad value '%s' for %s of quality '%s': it should be "
		  "%s",
		  origin, value, setting, name, right);
	return -EINVAL;
}

static int take_quality_pair(struct qualities *qualities, unsigned i,
			     unsigned k, const char *value, const char *origin)
{
	struct profile *profile = &qualities->profiles[i];
	const struct quality_setting *setting = &quality_settings[k];

	if (setting->set(profile, value) != 0)
		return complain_of_quality(origin, profile->name, setting->name,
					   value, setting->right);
	return given_set(&qualities->given[i][k], value, origin);
}

static int define_quality(struct qualities *qualities, const char *name,
			  const char *origin)
{
	struct profile *profile = &qualities->profiles[qualities->count];
	unsigned i = qualities->count;
	int err = 0;

	if (!view_is_quality_name(name)) {
		log_error("%s: bad quality name '%s': it should be a folder "
			  "name of at most %d bytes without '/', ',' and ':', "
			  "and not original, pcm, analysis or .groovefs",
			  origin, name, PROFILE_NAME_MAX);
		return -EINVAL;
	}
	if (i == PROFILES_MAX) {
		log_error("%s: too many qualities: there can be at most %d",
			  origin, PROFILES_MAX);
		return -EINVAL;
	}
	strcpy(profile->name, name);
	qualities->count++;
	for (unsigned k = 0; !err && k < QUALITY_SETTINGS; k++)
		err = take_quality_pair(qualities, i, k,
					quality_settings[k].preset, "default");
	return err;
}

static unsigned find_defined(const struct qualities *qualities,
			     const char *name)
{
	unsigned i = 0;

	while (i < qualities->count &&
	       strcmp(qualities->profiles[i].name, name) != 0)
		i++;
	return i;
}

int qualities_take(struct qualities *qualities, const char *name,
		   const char *setting, const char *value, const char *origin)
{
	unsigned i = find_defined(qualities, name);
	int err = i == qualities->count
			  ? define_quality(qualities, name, origin)
			  : 0;

	if (err)
		return err;
	for (unsigned k = 0; k < QUALITY_SETTINGS; k++) {
		if (strcmp(quality_settings[k].name, setting) == 0)
			return take_quality_pair(qualities, i, k, value,
						 origin);
	}
	log_error("%s: unknown setting '%s' of quality '%s': it should be "
		  "codec, bit_rate, rate, channels or lame_quality",
		  origin, setting, name);
	return -EINVAL;
}

static bool was_given(const struct given *given)
{
	return strcmp(given->origin, "default") != 0;
}

static int check_wav(const struct profile *profile, const struct given *given)
{
	static const unsigned foreign[] = {BIT_RATE, LAME_QUALITY};

	for (unsigned i = 0; i < 2; i++) {
		const struct given *g = &given[foreign[i]];

		if (!was_given(g))
			continue;
		log_error("%s: quality '%s' should have no %s: it is for codec "
			  "mp3 only",
			  g->origin, profile->name,
			  quality_settings[foreign[i]].name);
		return -EINVAL;
	}
	return 0;
}

static int check_mp3(const struct profile *profile, const struct given *given)
{
	static const char *const rates[] = {"0", "32000", "44100", "48000",
					    NULL};
	const struct given *rate = &given[RATE];

	if (value_word(rate->text, rates) >= 0)
		return 0;
	return complain_of_quality(rate->origin, profile->name, "rate",
				   rate->text,
				   "0, " RATES " where the codec is mp3");
}

int qualities_check(struct qualities *qualities)
{
	int err = 0;

	for (unsigned i = 0; !err && i < qualities->count; i++) {
		struct profile *profile = &qualities->profiles[i];
		const struct given *given = qualities->given[i];

		if (profile->codec == CODEC_MP3) {
			err = check_mp3(profile, given);
			continue;
		}
		err = check_wav(profile, given);
		profile->bit_rate = 0;
		profile->lame_quality = 0;
		profile->format = PCM_S16;
	}
	return err;
}

int qualities_init(struct qualities *qualities)
{
	static const char *const built_in[][2] = {
		{"high", "256"}, {"medium", "192"}, {"low", "128"}};
	int err = 0;

	*qualities = (struct qualities){0};
	for (unsigned i = 0; !err && i < 3; i++)
		err = qualities_take(qualities, built_in[i][0], "bit_rate",
				     built_in[i][1], "default");
	return err;
}

void qualities_release(struct qualities *qualities)
{
	for (unsigned i = 0; i < qualities->count; i++) {
		for (unsigned k = 0; k < QUALITY_SETTINGS; k++)
			given_release(&qualities->given[i][k]);
	}
	qualities->count = 0;
}

bool qualities_equal(const struct qualities *a, const struct qualities *b)
{
	return a->count == b->count &&
	       memcmp(a->profiles, b->profiles,
		      a->count * sizeof(*a->profiles)) == 0;
}
