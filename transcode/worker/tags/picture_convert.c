/*
 * JPEG is read and written by libjpeg-turbo, every other kind is decoded by
 * FFmpeg; swscale brings it to the wanted size.
 *
 *   progressive, small enough  -> the same coefficients in one pass: no loss
 *   other JPEG                 -> RGB, perhaps smaller ----> swscale -> JPEG
 *   GIF, BMP, TIFF, WebP, PNG  -> frame -> swscale: RGBA -> on white -> JPEG
 *
 * What a header promises is checked before a decoder begins, so that a bomb of
 * some kilobytes costs what a picture of 40 megapixels costs, and no more.
 */
#include "transcode/worker/tags/picture_convert.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/tags/jpeg.h"

#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
#include <string.h>

bool picture_needs_conversion(const struct image *image, uint32_t side_max)
{
	uint32_t side =
		image->width > image->height ? image->width : image->height;

	return !image->simple || (side_max > 0 && side > side_max);
}

static enum AVCodecID codec_of(const struct image *image)
{
	static const enum AVCodecID codecs[] = {
		[IMAGE_PNG] = AV_CODEC_ID_PNG,
		[IMAGE_GIF] = AV_CODEC_ID_GIF,
		[IMAGE_BMP] = AV_CODEC_ID_BMP,
		[IMAGE_TIFF] = AV_CODEC_ID_TIFF,
		[IMAGE_WEBP] = AV_CODEC_ID_WEBP,
	};

	return codecs[image->kind];
}

/* Both sides by the same factor, and no side is lost. */
static void fit(uint32_t *width, uint32_t *height, uint32_t side_max)
{
	uint32_t side = *width > *height ? *width : *height;

	if (side_max == 0 || side <= side_max)
		return;
	*width = (uint32_t)(((uint64_t)*width * side_max + side / 2) / side);
	*height = (uint32_t)(((uint64_t)*height * side_max + side / 2) / side);
	*width += *width == 0;
	*height += *height == 0;
}

/* One picture is one packet. */
static int decode_with(AVCodecContext *codec, const uint8_t *bytes, size_t size,
		       AVFrame *frame)
{
	AVPacket *packet = av_packet_alloc();
	int error = packet ? av_new_packet(packet, (int)size) : AVERROR(ENOMEM);

	if (error >= 0) {
		memcpy(packet->data, bytes, size);
		error = avcodec_send_packet(codec, packet);
	}
	av_packet_free(&packet);
	if (error >= 0)
		error = avcodec_send_packet(codec, NULL);
	return error >= 0 ? avcodec_receive_frame(codec, frame) : error;
}

static int decode(const uint8_t *bytes, size_t size, const struct image *image,
		  AVFrame *frame)
{
	const AVCodec *decoder = avcodec_find_decoder(codec_of(image));
	AVCodecContext *codec = avcodec_alloc_context3(decoder);
	int error;

	if (!decoder || !codec) {
		avcodec_free_context(&codec);
		return fail(-EINVAL, "no decoder for this picture");
	}
	codec->thread_count = 1;
	codec->max_pixels = IMAGE_PIXELS_MAX;
	error = avcodec_open2(codec, decoder, NULL);
	if (error >= 0)
		error = decode_with(codec, bytes, size, frame);
	avcodec_free_context(&codec);
	if (error >= 0)
		return 0;
	return fail(error == AVERROR(ENOMEM) ? -ENOMEM : -EINVAL,
		    "it cannot be decoded");
}

/* swscale writes up to a vector's width behind each row. */
static int scale(const uint8_t *const planes[4], const int strides[4],
		 enum AVPixelFormat format, uint32_t width, uint32_t height,
		 AVFrame *to)
{
	struct SwsContext *sws;
	int rows;

	if (av_frame_get_buffer(to, 64) < 0)
		return fail(-ENOMEM, "out of memory");
	sws = sws_getContext((int)width, (int)height, format, to->width,
			     to->height, to->format,
			     SWS_AREA | SWS_ACCURATE_RND | SWS_BITEXACT |
				     SWS_FULL_CHR_H_INT,
			     NULL, NULL, NULL);
	if (!sws)
		return fail(-EINVAL, "its pixels cannot be converted");
	rows = sws_scale(sws, planes, strides, 0, (int)height, to->data,
			 to->linesize);
	sws_freeContext(sws);
	return rows == to->height ? 0 : fail(-EINVAL, "it cannot be converted");
}

/* What can be seen through shows white paper. */
static void copy_row(const uint8_t *from, bool alpha, uint8_t *to,
		     uint32_t width)
{
	if (!alpha) {
		memcpy(to, from, (size_t)3 * width);
		return;
	}
	for (uint32_t x = 0; x < width; x++, from += 4, to += 3) {
		for (int i = 0; i < 3; i++)
			to[i] = (uint8_t)((from[i] * from[3] +
					   255 * (255 - from[3]) + 127) /
					  255);
	}
}

static int take_pixels(const AVFrame *frame, struct pixels *pixels)
{
	uint32_t width = (uint32_t)frame->width;
	uint8_t *rgb = malloc((size_t)3 * width * (uint32_t)frame->height);

	if (!rgb)
		return fail(-ENOMEM, "out of memory");
	for (int y = 0; y < frame->height; y++)
		copy_row(frame->data[0] + (ptrdiff_t)y * frame->linesize[0],
			 frame->format == AV_PIX_FMT_RGBA,
			 rgb + (size_t)3 * width * (size_t)y, width);
	*pixels = (struct pixels){rgb, width, (uint32_t)frame->height};
	return 0;
}

static int scale_to_pixels(const uint8_t *const planes[4], const int strides[4],
			   enum AVPixelFormat format, uint32_t width,
			   uint32_t height, uint32_t side_max,
			   struct pixels *pixels)
{
	AVFrame *to = av_frame_alloc();
	uint32_t new_width = width, new_height = height;
	int error;

	if (!to)
		return fail(-ENOMEM, "out of memory");
	fit(&new_width, &new_height, side_max);
	to->format = format == AV_PIX_FMT_RGB24 ? format : AV_PIX_FMT_RGBA;
	to->width = (int)new_width;
	to->height = (int)new_height;
	error = scale(planes, strides, format, width, height, to);
	if (!error)
		error = take_pixels(to, pixels);
	av_frame_free(&to);
	return error;
}

static int read_other(const uint8_t *bytes, size_t size,
		      const struct image *image, uint32_t side_max,
		      struct pixels *pixels)
{
	AVFrame *frame = av_frame_alloc();
	int error;

	if (!frame)
		return fail(-ENOMEM, "out of memory");
	error = decode(bytes, size, image, frame);
	if (!error)
		error = scale_to_pixels(
			(const uint8_t *const *)frame->data, frame->linesize,
			frame->format, (uint32_t)frame->width,
			(uint32_t)frame->height, side_max, pixels);
	av_frame_free(&frame);
	return error;
}

static int read_jpeg(const uint8_t *bytes, size_t size, uint32_t side_max,
		     struct pixels *pixels)
{
	struct pixels read;
	const uint8_t *planes[4] = {NULL};
	int strides[4] = {0};
	int error = jpeg_read(bytes, size, side_max, &read);

	if (error)
		return error;
	if (side_max == 0 ||
	    (read.width <= side_max && read.height <= side_max)) {
		*pixels = read;
		return 0;
	}
	planes[0] = read.rgb;
	strides[0] = (int)(3 * read.width);
	error = scale_to_pixels(planes, strides, AV_PIX_FMT_RGB24, read.width,
				read.height, side_max, pixels);
	free(read.rgb);
	return error;
}

int picture_convert(const uint8_t *from, size_t from_size,
		    const struct image *image, uint32_t side_max, int quality,
		    uint8_t **bytes, size_t *size)
{
	struct image smaller = *image;
	struct pixels pixels;
	int error;

	if (image->width == 0 || image->height == 0 ||
	    (uint64_t)image->width * image->height > IMAGE_PIXELS_MAX)
		return fail(-EINVAL, "it has %u x %u pixels", image->width,
			    image->height);
	smaller.simple = true;
	if (image->progressive && !picture_needs_conversion(&smaller, side_max))
		return jpeg_make_baseline(from, from_size, bytes, size);
	error = image->kind == IMAGE_JPEG
			? read_jpeg(from, from_size, side_max, &pixels)
			: read_other(from, from_size, image, side_max, &pixels);
	if (error)
		return error;
	error = jpeg_write(&pixels, quality, bytes, size);
	free(pixels.rgb);
	return error;
}
