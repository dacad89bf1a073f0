/* The version of ID3v2 that a mount's tags have. */
#ifndef TRANSCODE_PLAN_TAG_STYLE_H
#define TRANSCODE_PLAN_TAG_STYLE_H

#include <stdint.h>

#define TAG_SEPARATOR_MAX 4 /* bytes, its NUL included */

struct tag_style {
	uint32_t version; /* 3 or 4 */

	/* Version 3: the separator of multiple values; ASCII. */
	char separator[TAG_SEPARATOR_MAX];
};

#endif
