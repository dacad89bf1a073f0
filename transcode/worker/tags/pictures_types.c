/* The words for types of pictures in the formats that use words. */
#include "transcode/worker/tags/pictures_private.h"

#include <string.h>
#include <strings.h>

/* In the order of their numbers (ID3v2.3.0, 4.15): FFmpeg's, then APE's. */
static const char *const names[PICTURE_TYPES][2] = {
	{"Other", "Other"},
	{"32x32 pixels 'file icon'", "Icon"},
	{"Other file icon", "Other Icon"},
	{"Cover (front)", "Front"},
	{"Cover (back)", "Back"},
	{"Leaflet page", "Leaflet"},
	{"Media (e.g. label side of CD)", "Media"},
	{"Lead artist/lead performer/soloist", "Lead Artist"},
	{"Artist/performer", "Artist"},
	{"Conductor", "Conductor"},
	{"Band/Orchestra", "Band"},
	{"Composer", "Composer"},
	{"Lyricist/text writer", "Lyricist"},
	{"Recording Location", "Recording Location"},
	{"During recording", "During Recording"},
	{"During performance", "During Performance"},
	{"Movie/video screen capture", "Video Capture"},
	{"A bright colored fish", "Fish"},
	{"Illustration", "Illustration"},
	{"Band/artist logotype", "Band Logotype"},
	{"Publisher/Studio logotype", "Publisher Logotype"},
};

int picture_type(const char *name, size_t length, enum picture_words words)
{
	for (int type = 0; type < PICTURE_TYPES; type++) {
		if (strlen(names[type][words]) == length &&
		    strncasecmp(names[type][words], name, length) == 0)
			return type;
	}
	return -1;
}
