/*
 * A perceptual colour map: equal steps look equally large, brightness rises all
 * the way, so that it reads in grey and to the colour-blind. It is "inferno" of
 * Nathaniel Smith and Stefan van der Walt, made for matplotlib and given to the
 * public domain (CC0; github.com/BIDS/colormap), by 17 of its 256 colours and
 * straight lines between them.
 */
#ifndef ANALYSIS_COLOURS_H
#define ANALYSIS_COLOURS_H

#include <stdint.h>

/* sRGB; part is 0 to 1. */
void colours_inferno(float part, uint8_t colour[3]);

#endif
