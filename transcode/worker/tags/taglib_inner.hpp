/*
 * Shared by the files that use TagLib. A hostile file may ask for much: TagLib
 * reads through a stream that counts, and that throws when it has had enough,
 * or when atoms within atoms go too deep for the stack.
 */
#pragma once

extern "C" {
#include "transcode/worker/input.h"
#include "transcode/worker/tags/tags.h"
}

#include <id3v2tag.h>
#include <stdexcept>
#include <tiostream.h>

enum { MAX_READS = 200000, MAX_BYTES = 512 << 20, MAX_STACK = 1 << 20 };

/* The input's bytes from `start` on, to be read only. */
class Stream : public TagLib::IOStream
{
      public:
	/* Bytes that read as zeros. */
	long hidden = -1;
	static constexpr long HIDDEN_SIZE = 16;

	Stream(struct input *input_, uint64_t start_)
	    : input(input_), start(start_),
	      size(input_->size > start_ ? long(input_->size - start_) : 0)
	{
	}

	TagLib::ByteVector readBlock(unsigned long length) override
	{
		unsigned long left = place < size ? size - place : 0;
		TagLib::ByteVector bytes(unsigned(std::min(length, left)),
					 '\0');
		ssize_t n;

		count(bytes.size());
		n = input_read(input, start + uint64_t(place), bytes.data(),
			       bytes.size());
		bytes.resize(n > 0 ? unsigned(n) : 0);
		hide(bytes);
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

	struct input *input;
	uint64_t start;
	long size, place = 0;
	unsigned reads = 0;
	unsigned long bytes_read = 0;
};

/* Its frames, as they are. */
void taglib_add_id3(struct tags *tags, const TagLib::ID3v2::Tag *tag);
