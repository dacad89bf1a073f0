/*
 * libjpeg reports errors through a callback that must not return, so each of
 * the three functions is a setjmp() around straight code; what it has to free
 * is in its struct, not in local variables that the jump would leave undefined.
 *
 * A progressive picture may have any number of passes over all of its pixels: a
 * bomb of time. Real ones have about ten.
 */
#include "transcode/worker/tags/jpeg.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"

#include <stdio.h>

#include <errno.h>
#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

enum { PASSES_MAX = 64, MARKER_MAX = 65533 };

struct failing {
	struct jpeg_error_mgr manager;
	jmp_buf out;
};

struct jpeg_reading {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_progress_mgr progress;
	struct failing failing;
};

/* Unlike libjpeg's own, it can be freed after an error. */
struct destination {
	struct jpeg_destination_mgr manager;
	uint8_t *bytes;
	size_t size;
};

struct writing {
	struct jpeg_compress_struct jpeg;
	struct destination destination;
	struct failing failing;
};

static void leave(j_common_ptr jpeg)
{
	struct failing *failing = (struct failing *)jpeg->err;
	char text[JMSG_LENGTH_MAX];

	failing->manager.format_message(jpeg, text);
	fail(failing->manager.msg_code == JERR_OUT_OF_MEMORY ? -ENOMEM
							     : -EINVAL,
	     "%s", text);
	longjmp(failing->out, 1);
}

static void say_nothing(j_common_ptr jpeg)
{
	(void)jpeg;
}

static struct jpeg_error_mgr *errors_of(struct failing *failing)
{
	jpeg_std_error(&failing->manager);
	failing->manager.error_exit = leave;
	failing->manager.output_message = say_nothing;
	return &failing->manager;
}

static int error_of(const struct failing *failing)
{
	return failing->manager.msg_code == JERR_OUT_OF_MEMORY ? -ENOMEM
							       : -EINVAL;
}

static boolean give_more_room(j_compress_ptr jpeg)
{
	struct destination *to = (struct destination *)jpeg->dest;
	size_t more = to->size ? 2 * to->size : 1 << 16;
	uint8_t *bytes = realloc(to->bytes, more);

	if (!bytes) {
		jpeg->err->msg_code = JERR_OUT_OF_MEMORY;
		jpeg->err->error_exit((j_common_ptr)jpeg);
		return FALSE;
	}
	to->manager.next_output_byte = bytes + to->size;
	to->manager.free_in_buffer = more - to->size;
	to->bytes = bytes;
	to->size = more;
	return TRUE;
}

static void begin_output(j_compress_ptr jpeg)
{
	give_more_room(jpeg);
}

static void end_output(j_compress_ptr jpeg)
{
	struct destination *to = (struct destination *)jpeg->dest;

	to->size -= to->manager.free_in_buffer;
}

static void begin_writing(struct writing *w)
{
	jpeg_create_compress(&w->jpeg);
	w->destination.manager.init_destination = begin_output;
	w->destination.manager.empty_output_buffer = give_more_room;
	w->destination.manager.term_destination = end_output;
	w->jpeg.dest = &w->destination.manager;
}

static void limit_passes(j_common_ptr jpeg)
{
	if (((j_decompress_ptr)jpeg)->input_scan_number <= PASSES_MAX)
		return;
	fail(-EINVAL, "a JPEG of more than %d passes", PASSES_MAX);
	longjmp(((struct failing *)jpeg->err)->out, 1);
}

static void begin_reading(struct jpeg_reading *r, const uint8_t *bytes,
			  size_t size)
{
	jpeg_create_decompress(&r->jpeg);
	r->progress.progress_monitor = limit_passes;
	r->jpeg.progress = &r->progress;
	jpeg_mem_src(&r->jpeg, bytes, size);
}

/*
 * Adobe stores CMYK inverted: as what is left of white after an ink. That,
 * times what is left after black, is the light that comes back.
 */
static void cmyk_to_rgb(const uint8_t *from, uint8_t *to, uint32_t width,
			bool inverted)
{
	for (uint32_t x = 0; x < width; x++, from += 4, to += 3) {
		for (int i = 0; i < 3; i++) {
			unsigned ink = inverted ? from[i] : 255u - from[i];
			unsigned black = inverted ? from[3] : 255u - from[3];

			to[i] = (uint8_t)((ink * black + 127) / 255);
		}
	}
}

static void choose_colors(struct jpeg_decompress_struct *jpeg)
{
	jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
	jpeg->dct_method = JDCT_ISLOW;
}

static void choose_size(struct jpeg_decompress_struct *jpeg, uint32_t side)
{
	jpeg->scale_num = 1;
	jpeg->scale_denom = 1;
	while (side > 0 && jpeg->scale_denom < 8 &&
	       jpeg->image_width / (2 * jpeg->scale_denom) >= side &&
	       jpeg->image_height / (2 * jpeg->scale_denom) >= side)
		jpeg->scale_denom *= 2;
}

static void read_rows(struct jpeg_reading *r, struct pixels *pixels)
{
	struct jpeg_decompress_struct *jpeg = &r->jpeg;
	bool cmyk = jpeg->out_color_space == JCS_CMYK;
	JSAMPARRAY row = jpeg->mem->alloc_sarray(
		(j_common_ptr)jpeg, JPOOL_IMAGE, 4 * jpeg->output_width, 1);

	while (jpeg->output_scanline < jpeg->output_height) {
		uint8_t *to = pixels->rgb +
			      (size_t)3 * pixels->width * jpeg->output_scanline;

		jpeg_read_scanlines(jpeg, row, 1);
		if (cmyk)
			cmyk_to_rgb(row[0], to, pixels->width,
				    jpeg->saw_Adobe_marker);
		else
			memcpy(to, row[0], (size_t)3 * pixels->width);
	}
}

int jpeg_read(const uint8_t *bytes, size_t size, uint32_t side,
	      struct pixels *pixels)
{
	struct jpeg_reading r = {.jpeg.err = errors_of(&r.failing)};
	struct pixels *volatile made = calloc(1, sizeof(*made));
	int error = 0;

	if (!made)
		return fail(-ENOMEM, "out of memory");
	if (setjmp(r.failing.out) == 0) {
		begin_reading(&r, bytes, size);
		jpeg_read_header(&r.jpeg, TRUE);
		choose_colors(&r.jpeg);
		choose_size(&r.jpeg, side);
		jpeg_start_decompress(&r.jpeg);
		made->width = r.jpeg.output_width;
		made->height = r.jpeg.output_height;
		made->rgb = malloc((size_t)3 * made->width * made->height);
		if (made->rgb)
			read_rows(&r, made);
		else
			error = fail(-ENOMEM, "out of memory");
	} else {
		error = error_of(&r.failing);
	}
	jpeg_destroy_decompress(&r.jpeg);
	if (!error)
		*pixels = *made;
	else
		free(made->rgb);
	free(made);
	return error;
}

static void write_rows(struct writing *w, const struct pixels *pixels)
{
	struct jpeg_compress_struct *jpeg = &w->jpeg;

	while (jpeg->next_scanline < jpeg->image_height) {
		JSAMPROW row = pixels->rgb +
			       (size_t)3 * pixels->width * jpeg->next_scanline;

		jpeg_write_scanlines(jpeg, &row, 1);
	}
}

/* What was written, or nothing. */
static int end_writing(struct writing *w, int error, uint8_t **bytes,
		       size_t *size)
{
	jpeg_destroy_compress(&w->jpeg);
	if (error) {
		free(w->destination.bytes);
		return error;
	}
	*bytes = w->destination.bytes;
	*size = w->destination.size;
	return 0;
}

int jpeg_write(const struct pixels *pixels, int quality, uint8_t **bytes,
	       size_t *size)
{
	struct writing w = {.jpeg.err = errors_of(&w.failing)};
	int error = 0;

	if (setjmp(w.failing.out) == 0) {
		begin_writing(&w);
		w.jpeg.image_width = pixels->width;
		w.jpeg.image_height = pixels->height;
		w.jpeg.input_components = 3;
		w.jpeg.in_color_space = JCS_RGB;
		jpeg_set_defaults(&w.jpeg);
		jpeg_set_quality(&w.jpeg, quality, TRUE);
		w.jpeg.dct_method = JDCT_ISLOW;
		w.jpeg.optimize_coding = TRUE;
		jpeg_start_compress(&w.jpeg, TRUE);
		write_rows(&w, pixels);
		jpeg_finish_compress(&w.jpeg);
	} else {
		error = error_of(&w.failing);
	}
	return end_writing(&w, error, bytes, size);
}

/* libjpeg writes JFIF's and Adobe's own markers by itself. */
static bool is_written_anyway(const struct jpeg_compress_struct *jpeg,
			      const struct jpeg_marker_struct *marker)
{
	if (jpeg->write_JFIF_header && marker->marker == JPEG_APP0)
		return marker->data_length >= 5 &&
		       memcmp(marker->data, "JFIF", 5) == 0;
	return jpeg->write_Adobe_marker && marker->marker == JPEG_APP0 + 14 &&
	       marker->data_length >= 5 &&
	       memcmp(marker->data, "Adobe", 5) == 0;
}

static void copy_markers(const struct jpeg_reading *r, struct writing *w)
{
	for (const struct jpeg_marker_struct *marker = r->jpeg.marker_list;
	     marker; marker = marker->next) {
		if (!is_written_anyway(&w->jpeg, marker))
			jpeg_write_marker(&w->jpeg, marker->marker,
					  marker->data, marker->data_length);
	}
}

static void keep_markers(struct jpeg_reading *r)
{
	jpeg_save_markers(&r->jpeg, JPEG_COM, MARKER_MAX);
	for (int i = 0; i < 16; i++)
		jpeg_save_markers(&r->jpeg, JPEG_APP0 + i, MARKER_MAX);
}

int jpeg_make_baseline(const uint8_t *from, size_t from_size, uint8_t **bytes,
		       size_t *size)
{
	struct jpeg_reading r = {.jpeg.err = errors_of(&r.failing)};
	struct writing w = {.jpeg.err = &r.failing.manager};
	int error = 0;

	if (setjmp(r.failing.out) == 0) {
		jvirt_barray_ptr *coefficients;

		begin_reading(&r, from, from_size);
		begin_writing(&w);
		keep_markers(&r);
		jpeg_read_header(&r.jpeg, TRUE);
		coefficients = jpeg_read_coefficients(&r.jpeg);
		jpeg_copy_critical_parameters(&r.jpeg, &w.jpeg);
		w.jpeg.optimize_coding = TRUE;
		jpeg_write_coefficients(&w.jpeg, coefficients);
		copy_markers(&r, &w);
		jpeg_finish_compress(&w.jpeg);
	} else {
		error = error_of(&r.failing);
	}
	jpeg_destroy_decompress(&r.jpeg);
	return end_writing(&w, error, bytes, size);
}
