/* The list of encoders. */
#include "transcode/worker/encoder.h"

#include <stddef.h>

static const struct encoder *const encoders[] = {&encoder_mp3, &encoder_wav,
						 &encoder_analysis};

const struct encoder *encoder_find(uint32_t codec)
{
	for (size_t i = 0; i < sizeof(encoders) / sizeof(*encoders); i++) {
		if (encoders[i]->codec == codec)
			return encoders[i];
	}
	return NULL;
}
