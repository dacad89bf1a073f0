/*
 * Shared by the files that use TagLib. A hostile file may ask for much: TagLib
 * reads through a stream that counts, and that throws when it has had enough,
 * or when nested atoms go too deep for the stack.
 */
#pragma once

extern "C" {
#include "transcode/worker/formats/chunks.h"
#include "transcode/worker/formats/mp4.h"
#include "transcode/worker/input.h"
#include "transcode/worker/tags/id3_mend.h"
#include "transcode/worker/tags/pictures_private.h"
#include "transcode/worker/tags/tags.h"
}

#include <cstring>
#include <id3v2tag.h>
#include <stdexcept>
#include <tiostream.h>

/* An ID3v2 tag is read as a whole, and has up to 256 MiB. */
enum { MAX_READS = 200000, MAX_BYTES = 640 << 20, MAX_STACK = 1 << 20 };
enum { MAX_BLOCK = (256 << 20) + 64 };

/* The input's bytes from `start` on, to be read only. */
class Stream : public TagLib::IOStream
{
      public:
	/* Bytes that read as zeros. */
	long hidden = -1;
	static constexpr long HIDDEN_SIZE = 16;
	/* Covers of MP4, which are read as empty. */
	struct mp4_covers covers = {};
	/* An ID3v2 tag, to be mended; -1: none. */
	long id3_at = -1;
	/* A block was left out. */
	bool too_large = false;

	Stream(struct input *input_, uint64_t start_)
	    : input(input_), start(start_),
	      size(input_->size > start_ ? long(input_->size - start_) : 0)
	{
	}

	/* In a chunk of its own. */
	bool find_id3(uint64_t *place_)
	{
		struct input part = *input;

		input_narrow(&part, start, input->size - start);
		int error = chunks_find_id3(&part, place_);

		if (part.error)
			input->error = part.error;
		return error == 0;
	}

	void hide_covers()
	{
		mp4_find_covers(input, start, &covers);
	}

	TagLib::ByteVector readBlock(unsigned long length) override
	{
		unsigned long left = place < size ? size - place : 0;

		length = std::min(length, left);
		if (is_left_out(length)) {
			place += long(length);
			return TagLib::ByteVector();
		}
		count(length);
		TagLib::ByteVector bytes(unsigned(length), '\0');
		ssize_t n;

		n = input_read(input, start + uint64_t(place), bytes.data(),
			       bytes.size());
		bytes.resize(n > 0 ? unsigned(n) : 0);
		hide(bytes);
		mend(bytes);
		place += long(bytes.size());
		return bytes;
	}

	void seek(long offset, Position from) override
	{
		if (from == Current)
			offset += place;
		else if (from == End)
			offset += size;
		place = std::max(offset, 0L);
	}

	long tell() const override
	{
		return place;
	}
	long length() override
	{
		return size;
	}
	bool isOpen() const override
	{
		return true;
	}
	bool readOnly() const override
	{
		return true;
	}
	TagLib::FileName name() const override
	{
		return "";
	}
	void writeBlock(const TagLib::ByteVector &) override
	{
	}
	void insert(const TagLib::ByteVector &, unsigned long,
		    unsigned long) override
	{
	}
	void removeBlock(unsigned long, unsigned long) override
	{
	}
	void truncate(long) override
	{
	}

      private:
	void hide(TagLib::ByteVector &bytes) const
	{
		for (long i = 0; hidden >= 0 && i < HIDDEN_SIZE; i++) {
			long at = hidden + i - place;

			if (at >= 0 && at < long(bytes.size()))
				bytes[int(at)] = '\0';
		}
	}

	/* TagLib reads a header, and then all that follows it. */
	void mend(TagLib::ByteVector &bytes)
	{
		auto data = reinterpret_cast<uint8_t *>(bytes.data());

		if (id3_at < 0)
			return;
		if (place == id3_at && bytes.size() == ID3_HEADER_SIZE) {
			id3_mend_header(data);
			memcpy(id3_header, data, ID3_HEADER_SIZE);
		} else if (place == id3_at + ID3_HEADER_SIZE) {
			id3_mend_frames(id3_header, data, bytes.size());
		}
	}

	bool is_left_out(unsigned long length)
	{
		for (unsigned i = 0; i < covers.count; i++) {
			if (start + uint64_t(place) == covers.items[i].start)
				return true;
		}
		too_large |= length > MAX_BLOCK;
		return length > MAX_BLOCK;
	}

	void count(unsigned long more)
	{
		char here;
		auto depth = uintptr_t(this) > uintptr_t(&here)
				     ? uintptr_t(this) - uintptr_t(&here)
				     : 0;

		bytes_read += more;
		if (++reads > MAX_READS || bytes_read > MAX_BYTES ||
		    depth > MAX_STACK)
			throw std::runtime_error("too much");
	}

	uint8_t id3_header[ID3_HEADER_SIZE] = {};
	struct input *input;
	uint64_t start;
	long size, place = 0;
	unsigned reads = 0;
	unsigned long bytes_read = 0;
};

/* A value under another format's name. */
void taglib_add(struct tags *tags, const TagLib::String &name,
		const TagLib::String &value);

/* All that an ASF file has. */
void taglib_add_asf(struct tags *tags, Stream *stream);

/* A picture, if they are wanted; `mime` only tells whether it is a link. */
void taglib_add_picture(struct tags *tags, const TagLib::String &mime,
			unsigned type, const TagLib::String &description,
			const TagLib::ByteVector &bytes);

/* Its frames, as they are. */
void taglib_add_id3(struct tags *tags, const TagLib::ID3v2::Tag *tag);
