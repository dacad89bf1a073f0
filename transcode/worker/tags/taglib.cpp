/*
 * TagLib knows the tag formats; this tells it where a tag lies and takes what
 * it found. Of its classes for whole files only those are used whose container
 * has to be understood to find the tag; an ID3v2 tag in front, APEv2 or ID3v1
 * at the end are found without, and so work in every format. No exception
 * leaves this file.
 */
#include "transcode/worker/tags/taglib.h"

extern "C" {
#include "transcode/worker/source/sniff.h"
}
#include "transcode/worker/tags/taglib_inner.hpp"

#include <apefooter.h>
#include <apetag.h>
#include <asffile.h>
#include <cstring>
#include <id3v1tag.h>
#include <mp4file.h>

namespace
{

using namespace TagLib;

/* A file of which nothing is known. */
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
	tags->unreadable |= value.isEmpty();
	tags_add(tags, name.toCString(true), value.toCString(true));
}

void add(struct tags *tags, const String &name, const StringList &values)
{
	for (const auto &value : values)
		add(tags, name, value);
}

void add_id3_at(struct tags *tags, Stream *stream, long place)
{
	Plain file(stream);
	ID3v2::Tag tag(&file, place);

	taglib_add_id3(tags, &tag);
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

/* How a value is kept, only its atom's name tells; "": as text. */
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

/* ASF */

void add_attribute(struct tags *tags, const String &name,
		   const ASF::Attribute &attribute)
{
	switch (attribute.type()) {
	case ASF::Attribute::UnicodeType:
		return add(tags, name, attribute.toString());
	case ASF::Attribute::BoolType:
		return add(tags, name, attribute.toBool() ? "1" : "0");
	case ASF::Attribute::WordType:
		return add(tags, name, String::number(attribute.toUShort()));
	case ASF::Attribute::DWordType:
		return add(tags, name,
			   String(std::to_string(attribute.toUInt())));
	case ASF::Attribute::QWordType:
		return add(tags, name,
			   String(std::to_string(attribute.toULongLong())));
	default:
		if (name != "WM/Picture")
			return tags_lose(tags, name.toCString(true));
		taglib_add_picture(tags, attribute.toPicture().mimeType(),
				   attribute.toPicture().type(),
				   attribute.toPicture().description(),
				   attribute.toPicture().picture());
	}
}

/* Where the header extension begins if it stands before the content's: or -1.
 */
long find_early_extension(Stream *stream)
{
	static const char extension[] = "\xb5\x03\xbf\x5f\x2e\xa9\xcf\x11"
					"\x8e\xe3\0\xc0\x0c\x20\x53\x65";
	static const char content[] = "\x40\xa4\xd0\xd2\x07\xe3\xd2\x11"
				      "\x97\xf0\0\xa0\xc9\x5e\xa8\x50";
	long place = 30;

	for (int i = 0; i < 64; i++) {
		stream->seek(place, IOStream::Beginning);
		ByteVector head = stream->readBlock(24);
		long size = head.size() == 24 ? head.toLongLong(16, false) : 0;

		if (head.startsWith(ByteVector(extension, 16)))
			return place;
		if (size < 24 || head.startsWith(ByteVector(content, 16)))
			break;
		place += std::min(size, stream->length());
	}
	return -1;
}

/*
 * The first value of a name is among the content's attributes, others are in
 * the header's extension, whatever order these are in. TagLib does not tell
 * which is which, so it is shown the file without the extension first.
 */
ASF::AttributeListMap read_first_values(Stream *stream)
{
	ASF::AttributeListMap first;

	stream->hidden = find_early_extension(stream);
	if (stream->hidden >= 0) {
		stream->seek(0, IOStream::Beginning);
		ASF::File file(stream, false);

		if (file.tag())
			first = file.tag()->attributeListMap();
	}
	stream->hidden = -1;
	stream->seek(0, IOStream::Beginning);
	return first;
}

void add_attributes(struct tags *tags, const String &name,
		    const ASF::AttributeList &list, unsigned first)
{
	unsigned begin = list.size() - std::min(first, list.size());

	for (unsigned i = 0; i < list.size(); i++)
		add_attribute(tags, name, list[(begin + i) % list.size()]);
}

void add_asf(struct tags *tags, Stream *stream)
{
	ASF::AttributeListMap first = read_first_values(stream);
	ASF::File file(stream, false);

	if (!file.isValid() || !file.tag())
		return;
	add(tags, "Title", file.tag()->title());
	add(tags, "Author", file.tag()->artist());
	add(tags, "Copyright", file.tag()->copyright());
	add(tags, "Description", file.tag()->comment());
	for (const auto &list : file.tag()->attributeListMap())
		add_attributes(tags, list.first, list.second,
			       first[list.first].size());
	tags->source++;
}

/* DSD */

/* DSF file format: where the tag lies is told at 20. */
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
	{"mov", add_mp4},    {"asf", add_asf},	{"wav", add_chunk},
	{"aiff", add_chunk}, {"dsf", add_dsf},	{"iff", add_dff},
	{"ape", add_ape},    {"wv", add_ape},	{"tak", add_ape},
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
	if (sniff->start > 0)
		add_id3_at(tags, &whole, 0);
	if (!own)
		add_ape(tags, &whole);
	add_id3v1(tags, &whole);
	if (whole.too_large || stream.too_large)
		tags_lose(tags, "what is over 256 MiB");
}

} // namespace

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
