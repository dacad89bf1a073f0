/* Recognizes packets that can certainly be decoded. */
#ifndef WORKER_USUAL_H
#define WORKER_USUAL_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>

/* False: decoding has to show it. */
bool usual_packet(const AVCodecParameters *codec, const AVPacket *packet);

#endif
