/*
 * TagLib knows the tag formats; this tells it where a tag is and takes what it
 * found. Of its classes for whole files, only those are used whose container
 * has to be understood to find the tag. An ID3v2 tag in front, and APEv2 or
 * ID3v1 at the end, are found without, and so work in every format. No
 * exception leaves this file.
 */
#include "transcode/worker/tags/taglib.h"

extern "C" {
#include "transcode/worker/formats/sniff.h"
}
#include "transcode/worker/tags/taglib_private.hpp"

#include <apefooter.h>
#include <apetag.h>
#include <cstring>
#include <id3v1tag.h>
#include <mp4file.h>

namespace
{

using namespace TagLib;

/* A file about which nothing is known. */
class Plain : public File
{
      public:
	explicit Plain(Stream *stream) : File(stream)
	{
	}
	TagLib::Tag *tag() const override
	{
		return nullptr;
	}
	AudioProperties *audioProperties() const override
	{
		return nullptr;
	}
	bool save() override
	{
		return false;
	}
};

void add(struct tags *tags, const String &name, const String &value)
{
	taglib_add(tags, name, value);
}

void add(struct tags *tags, const String &name, const StringList &values)
{
	for (const auto &value : values)
		add(tags, name, value);
}

void add_id3_at(struct tags *tags, Stream *stream, long place)
{
	Plain file(stream);

	stream->id3_at = place;
	ID3v2::Tag tag(&file, place);
	stream->id3_at = -1;
	taglib_add_id3(tags, &tag);
}

/* There may be several in front; the first one takes precedence. */
void add_id3_in_front(struct tags *tags, Stream *stream, long end)
{
	long place = 0;

	while (place < end) {
		stream->seek(place, IOStream::Beginning);
		ID3v2::Header header(stream->readBlock(ID3_HEADER_SIZE));

		if (header.tagSize() == 0)
			return;
		add_id3_at(tags, stream, place);
		place += long(header.completeTagSize());
	}
}

/* Under the description that mutagen gives it, apart from others. */
void add_v1_comment(struct tags *tags, const String &comment)
{
	std::string text = comment.stripWhiteSpace().to8Bit(true);

	if (!text.empty())
		tags_add_frame(tags, "COMM", "eng", "ID3v1 Comment",
			       text.c_str(), text.size());
}

void add_id3v1(struct tags *tags, Stream *stream)
{
	long place = stream->length() - 128;
	Plain file(stream);

	if (place < 0)
		return;
	stream->seek(place, IOStream::Beginning);
	if (stream->readBlock(3) != "TAG")
		return;
	ID3v1::Tag tag(&file, place);
	add(tags, "title", tag.title());
	add(tags, "artist", tag.artist());
	add(tags, "album", tag.album());
	add_v1_comment(tags, tag.comment());
	add(tags, "genre", tag.genre());
	if (tag.year())
		add(tags, "date", String::number(int(tag.year())));
	if (tag.track())
		add(tags, "tracknumber", String::number(int(tag.track())));
	tags->source++;
}

/* APEv2 */

void add_ape_item(struct tags *tags, const APE::Item &item)
{
	ByteVector bytes = item.binaryData();

	if (item.type() != APE::Item::Binary)
		add(tags, item.key(), item.values());
	else if (!item.key().upper().startsWith("COVER ART"))
		tags_lose(tags, item.key().toCString(true));
	else if (tags->pictures &&
		 pictures_add_ape(tags->pictures, item.key().toCString(true),
				  reinterpret_cast<uint8_t *>(bytes.data()),
				  bytes.size()) < 0)
		tags->error = -ENOMEM;
}

bool add_ape_at(struct tags *tags, Stream *stream, long footer)
{
	Plain file(stream);

	if (footer < 0)
		return false;
	stream->seek(footer, IOStream::Beginning);
	if (stream->readBlock(8) != "APETAGEX")
		return false;
	APE::Tag tag(&file, footer);
	for (const auto &item : tag.itemListMap())
		add_ape_item(tags, item.second);
	tags->source++;
	return true;
}

/* At the very end, or before an ID3v1 tag. */
void add_ape(struct tags *tags, Stream *stream)
{
	long footer = stream->length() - long(APE::Footer::size());

	if (!add_ape_at(tags, stream, footer))
		add_ape_at(tags, stream, footer - 128);
}

/* MP4 */

void add_pair(struct tags *tags, const char *number, const char *total,
	      const MP4::Item &item)
{
	if (item.toIntPair().first)
		add(tags, number, String::number(item.toIntPair().first));
	if (item.toIntPair().second)
		add(tags, total, String::number(item.toIntPair().second));
}

/* Only the atom's name tells how a value is stored; "": as text. */
String mp4_number(const String &name, const MP4::Item &item)
{
	if (name == "cpil" || name == "pgap" || name == "pcst" ||
	    name == "shwm")
		return item.toBool() ? "1" : "0";
	if (name == "tmpo" || name == "\251mvi" || name == "\251mvc")
		return String::number(item.toInt());
	if (name == "rtng" || name == "stik" || name == "hdvd")
		return String::number(item.toByte());
	return String();
}

/* "----:com.apple.iTunes:NAME"; beets has a whole date in ORIGINAL YEAR. */
String mp4_name(const String &name)
{
	int colon = name.startsWith("----:") ? name.find(":", 5) : -1;

	if (name == "----:com.apple.iTunes:ORIGINAL YEAR")
		return "ORIGINALDATE";
	return colon < 0 ? name : name.substr(unsigned(colon) + 1);
}

void add_atom(struct tags *tags, const String &name, const MP4::Item &item)
{
	StringList values = item.toStringList();

	if (name == "covr")
		return;
	if (values.isEmpty() && !mp4_number(name, item).isEmpty())
		values.append(mp4_number(name, item));
	for (const auto &bytes : item.toByteVectorList())
		values.append(String(bytes, String::UTF8));
	if (name == "trkn")
		add_pair(tags, "TRACKNUMBER", "TRACKTOTAL", item);
	else if (name == "disk")
		add_pair(tags, "DISCNUMBER", "DISCTOTAL", item);
	else
		add(tags, mp4_name(name), values);
}

void add_mp4(struct tags *tags, Stream *stream)
{
	stream->hide_covers();
	MP4::File file(stream, false);

	if (!file.isValid() || !file.tag() || file.tag()->isEmpty())
		return;
	for (const auto &item : file.tag()->itemMap())
		add_atom(tags, item.first, item.second);
	tags->source++;
}

/* DSD */

/* DSF file format: byte 20 says where the tag is. */
void add_dsf(struct tags *tags, Stream *stream)
{
	stream->seek(20, IOStream::Beginning);
	long place = stream->readBlock(8).toLongLong(false);

	if (place > 0 && place < stream->length())
		add_id3_at(tags, stream, place);
}

/* DSDIFF: chunks with sizes of eight bytes, from 16 on. */
void add_dff(struct tags *tags, Stream *stream)
{
	for (long place = 16; place >= 16 && place + 12 < stream->length();) {
		stream->seek(place, IOStream::Beginning);
		ByteVector head = stream->readBlock(12);
		long size = head.mid(4).toLongLong(true);

		if (head.startsWith("ID3 "))
			return add_id3_at(tags, stream, place + 12);
		if (size < 0 || size > stream->length() - place)
			return;
		place += 12 + size + (size & 1);
	}
}

/* WAV, RF64, AIFF and the like. */
void add_chunk(struct tags *tags, Stream *stream)
{
	uint64_t place;

	if (stream->find_id3(&place))
		add_id3_at(tags, stream, long(place));
}

const struct {
	const char *demuxer;
	void (*add)(struct tags *tags, Stream *stream);
} readers[] = {
	{"mov", add_mp4},    {"asf", taglib_add_asf}, {"wav", add_chunk},
	{"aiff", add_chunk}, {"dsf", add_dsf},	      {"iff", add_dff},
	{"ape", add_ape},    {"wv", add_ape},	      {"tak", add_ape},
	{"mpc", add_ape},    {"mpc8", add_ape},
};

void read(struct input *input, const struct sniff *sniff, struct tags *tags)
{
	const char *demuxer = sniff->demuxer ? sniff->demuxer : "";
	bool own = tags->count > 0; /* a tag that belongs to the format */
	Stream whole(input, 0), stream(input, sniff->start);

	for (const auto &reader : readers) {
		if (strcmp(reader.demuxer, demuxer) == 0) {
			reader.add(tags, &stream);
			own = true;
		}
	}
	add_id3_in_front(tags, &whole, long(sniff->start));
	if (!own)
		add_ape(tags, &whole);
	add_id3v1(tags, &whole);
	if (whole.too_large || stream.too_large)
		tags_lose(tags, "what is over 256 MiB");
}

} // namespace

void taglib_add(struct tags *tags, const String &name, const String &value)
{
	tags->unreadable |= value.isEmpty();
	tags_add(tags, name.toCString(true), value.toCString(true));
}

void taglib_add_picture(struct tags *tags, const String &mime, unsigned type,
			const String &description, const ByteVector &bytes)
{
	std::string text = description.to8Bit(true);

	if (!tags->pictures || bytes.isEmpty())
		return;
	if (mime == "-->" || mime == "image/-->") /* as version 2.2 has it */
		return pictures_lose(tags->pictures, "it is a link");
	if (pictures_add(tags->pictures, type, text.data(), text.size(),
			 reinterpret_cast<const uint8_t *>(bytes.data()),
			 bytes.size()) < 0)
		tags->error = -ENOMEM;
}

void taglib_read(struct input *input, const struct sniff *sniff,
		 struct tags *tags)
{
	try {
		read(input, sniff, tags);
	} catch (const std::exception &) {
		tags_lose(tags, "what is too large or too deep");
	}
}
