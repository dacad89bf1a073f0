/* See sources.h. */
#include "library/sources.h"

#include "library/names.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/*
 * Codecs, the extensions that imply them, and how their names in facts begin.
 */
static const struct extension_family {
	const char *word;
	const char *extensions; /* each surrounded by blanks */
	const char *codec;
} families[] = {
	{"flac", " flac oggflac ", "flac"},
	{"alac", " alac ", "alac"},
	{"pcm", " wav wave bwf rf64 w64 aif aiff aifc au snd ", "pcm"},
	{"wavpack", " wv ", "wavpack"},
	{"ape", " ape ", "ape"},
	{"tta", " tta ", "tta"},
	{"tak", " tak ", "tak"},
	{"dsd", " dsf dff ", "dsd"},
	{"dsd", " ", "dst"}, /* DSD, compressed */
	{"wmalossless", " ", "wmalossless"},
	{"mlp", " mlp ", "mlp"},
	{"truehd", " thd truehd ", "truehd"},
	{"shorten", " shn ", "shorten"},
};

#define FAMILIES (sizeof(families) / sizeof(*families))

static bool has_word(const char *words, const char *word)
{
	size_t wanted = strlen(word);

	while (*words) {
		size_t n;

		words += *words == '.'; /* ".flac" is "flac" */
		n = strcspn(words, ":, \t");
		if (n > 0 && n == wanted && strncasecmp(words, word, n) == 0)
			return true;
		words += n + (words[n] != '\0');
	}
	return false;
}

static bool counts_all(const struct sources *sources)
{
	return !sources->lossless || has_word(sources->lossless, "all");
}

static bool means(const struct extension_family *family, const char *extension)
{
	char word[16];
	int n = snprintf(word, sizeof(word), " %s ", extension);

	return n < (int)sizeof(word) && strcasestr(family->extensions, word);
}

bool sources_take_name(const struct sources *sources, const char *name)
{
	const char *extension = name_extension(name);

	if (counts_all(sources) || has_word(sources->lossless, extension))
		return true;
	for (size_t i = 0; i < FAMILIES; i++) {
		if (means(&families[i], extension) &&
		    has_word(sources->lossless, families[i].word))
			return true;
	}
	return false;
}

static bool take_codec(const struct sources *sources, const char *codec)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		const char *begin = families[i].codec;

		if (strncmp(codec, begin, strlen(begin)) == 0 &&
		    has_word(sources->lossless, families[i].word))
			return true;
	}
	return false;
}

static bool is_above(const struct sources *sources, uint64_t size,
		     const struct facts *facts)
{
	double seconds;

	if (sources->lossy_above == 0 || facts->samples == 0 ||
	    facts->rate == 0)
		return false;
	seconds = (double)facts->samples / facts->rate;
	return (double)size * 8 / 1000 / seconds > sources->lossy_above;
}

bool sources_take(const struct sources *sources, const char *name,
		  uint64_t size, const struct facts *facts)
{
	if (facts->kind == FACTS_LOSSY)
		return is_above(sources, size, facts);
	return facts->kind == FACTS_LOSSLESS &&
	       (sources_take_name(sources, name) ||
		take_codec(sources, facts->codec));
}

bool sources_know_word(const char *word)
{
	enum name_class class;
	char name[32];

	word += *word == '.';
	if (strchr(word, '.'))
		return false;
	for (size_t i = 0; i < FAMILIES; i++) {
		if (strcasecmp(families[i].word, word) == 0)
			return true;
	}
	snprintf(name, sizeof(name), "a.%s", word);
	class = name_classify(name);
	return strcasecmp(word, "all") == 0 || class == NAME_LOSSLESS ||
	       class == NAME_EITHER;
}
