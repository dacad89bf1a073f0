/* Names: tables of extensions, and how names are mapped. */
#include "library/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const lossless[] = {
	"flac", "wav",	"wave", "bwf", "rf64", "w64",	 "aif",	    "aiff",
	"aifc", "ape",	"wv",	"tta", "tak",  "dsf",	 "dff",	    "au",
	"snd",	"alac", "shn",	"mlp", "thd",  "truehd", "oggflac", NULL};

static const char *const lossy[] = {"mp3",  "mp2",  "mp1", "mpa", "m2a", "aac",
				    "adts", "opus", "spx", "mpc", "mp+", "mpp",
				    "ac3",  "eac3", "ec3", "dts", "amr", "awb",
				    "oma",  "aa3",  "vqf", NULL};

/* May contain either kind, or a video. */
static const char *const either[] = {
	"m4a", "mp4", "m4b", "m4r", "m4p", "f4a", "3gp",  "3g2",
	"mov", "ogg", "oga", "ogx", "mka", "mkv", "webm", "weba",
	"caf", "wma", "asf", "voc", "rm",  "ra",  "xwma", NULL};

const char *name_extension(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot != name ? dot + 1 : "";
}

static int is_in(const char *const *list, const char *word)
{
	for (; *list; list++) {
		if (strcasecmp(*list, word) == 0)
			return 1;
	}
	return 0;
}

enum name_class name_classify(const char *name)
{
	const char *extension = name_extension(name);

	/* AppleDouble files have the extension of the file that they belong
	   to */
	if (strncmp(name, "._", 2) == 0)
		return NAME_OTHER;
	if (is_in(lossless, extension))
		return NAME_LOSSLESS;
	if (is_in(lossy, extension))
		return NAME_LOSSY;
	return is_in(either, extension) ? NAME_EITHER : NAME_OTHER;
}

bool name_is_audio(const char *name)
{
	return name_classify(name) != NAME_OTHER;
}

int name_virtual(const char *name, const char *extension, int whole, char *text,
		 size_t size)
{
	const char *dot = strrchr(name, '.');
	int stem = dot && !whole ? (int)(dot - name) : (int)strlen(name);
	int n = snprintf(text, size, "%.*s.%s", stem, name, extension);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

/* Covers that must be converted rank below all that need not be. */
unsigned name_cover_rank(const char *name)
{
	static const char *const stems[] = {"cover", "folder", "front"};
	static const char *const extensions[] = {"jpg",	 "jpeg", "png",
						 "webp", "tif",	 "tiff",
						 "bmp",	 "gif",	 NULL};
	const char *extension = name_extension(name);
	size_t stem = (size_t)(extension - name);

	if (*extension == '\0')
		return 0;
	for (unsigned s = 0; s < 3; s++) {
		if (strlen(stems[s]) + 1 != stem ||
		    strncasecmp(stems[s], name, stem - 1) != 0)
			continue;
		for (unsigned e = 0; extensions[e]; e++) {
			if (strcasecmp(extension, extensions[e]) == 0)
				return e < 3 ? 1 + 3 * s + e : 8 + 8 * s + e;
		}
	}
	return 0;
}
