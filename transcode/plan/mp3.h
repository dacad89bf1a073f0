/* What the plan of an MP3 and its encoder must agree on. */
#ifndef TRANSCODE_PLAN_MP3_H
#define TRANSCODE_PLAN_MP3_H

enum {
	MP3_FRAME_SAMPLES = 1152,
	MP3_PERIOD = 49,  /* frames, of the padding pattern at 44.1 kHz */
	MP3_WARM_UP = 24, /* frames until a restarted encoder has settled */
};

#endif
