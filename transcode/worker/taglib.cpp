/*
 * TagLib knows the tag formats; this tells it where a tag lies and takes what
 * it found. Of its classes for whole files only those are used whose container
 * has to be understood to find the tag; an ID3v2 tag in front, APEv2 or ID3v1
 * at the end are found without, and so work in every format.
 *
 * A hostile file may ask for much: TagLib reads through a stream that counts,
 * and that throws when it has had enough, or when atoms within atoms go too
 * deep for the stack. No exception leaves this file.
 */
#include "transcode/worker/taglib.h"

extern "C" {
#include "transcode/worker/input.h"
#include "transcode/worker/sniff.h"
#include "transcode/worker/tags.h"
}

#include <aifffile.h>
#include <apefooter.h>
#include <apetag.h>
#include <asffile.h>
#include <commentsframe.h>
#include <cstring>
#include <flacfile.h>
#include <id3v1genres.h>
#include <id3v1tag.h>
#include <id3v2tag.h>
#include <mp4file.h>
#include <oggflacfile.h>
#include <opusfile.h>
#include <speexfile.h>
#include <stdexcept>
#include <textidentificationframe.h>
#include <uniquefileidentifierframe.h>
#include <unsynchronizedlyricsframe.h>
#include <urllinkframe.h>
#include <vorbisfile.h>
#include <wavfile.h>
#include <xiphcomment.h>

namespace
{

using namespace TagLib;

enum { MAX_READS = 200000, MAX_BYTES = 512 << 20, MAX_STACK = 1 << 20 };

/* The input's bytes from `start` on, to be read only. */
class Stream : public IOStream
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

	ByteVector readBlock(unsigned long length) override
	{
		unsigned long left = place < size ? size - place : 0;
		ByteVector bytes(unsigned(std::min(length, left)), '\0');
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
	FileName name() const override
	{
		return "";
	}
	void writeBlock(const ByteVector &) override
	{
	}
	void insert(const ByteVector &, unsigned long, unsigned long) override
	{
	}
	void removeBlock(unsigned long, unsigned long) override
	{
	}
	void truncate(long) override
	{
	}

      private:
	void hide(ByteVector &bytes) const
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

void add_frame(struct tags *tags, const ByteVector &id,
	       const std::string &language, const String &name,
	       const String &value)
{
	std::string text = value.to8Bit(true);

	if (!text.empty())
		tags_add_frame(tags, std::string(id.data(), 4).c_str(),
			       language.c_str(), name.toCString(true),
			       text.c_str(), strlen(text.c_str()));
}

/* ID3v2 */

/* The list of ID3v1 is older than free text: some still write its numbers. */
String genre_name(const String &value)
{
	bool number;
	int n = value.toInt(&number);
	String name = number && n >= 0 && n < 256 ? ID3v1::genre(n) : String();

	return name.isEmpty() ? value : name;
}

void add_genres(struct tags *tags, const StringList &values)
{
	StringList known;

	for (const auto &value : values) {
		if (known.contains(genre_name(value)))
			continue;
		known.append(genre_name(value));
		add_frame(tags, "TCON", "", "", genre_name(value));
	}
}

void add_text(struct tags *tags, const ID3v2::TextIdentificationFrame *frame)
{
	if (frame->frameID() == "TCON")
		return add_genres(tags, frame->fieldList());
	for (const auto &value : frame->fieldList())
		add_frame(tags, frame->frameID(), "", "", value);
}

void add_user_text(struct tags *tags,
		   const ID3v2::UserTextIdentificationFrame *frame)
{
	StringList fields = frame->fieldList();

	for (auto field = fields.begin(); field != fields.end(); ++field) {
		if (field != fields.begin())
			add_frame(tags, "TXXX", "", frame->description(),
				  *field);
	}
}

std::string language_of(const ByteVector &bytes)
{
	std::string language(bytes.data(), bytes.size());

	return language.size() == 3 && language.find('\0') == language.npos
		       ? language
		       : "XXX";
}

/* Places in the audio, encryption: wrong or of no use in another file. */
bool is_bound_to_audio(const ByteVector &id)
{
	static const char *const ids[] = {"AENC", "ASPI", "ENCR", "GRID",
					  "MLLT", "POSS", "RBUF", "SEEK",
					  "SIGN", "CRM ", "LINK"};

	for (const char *bound : ids) {
		if (id == bound)
			return true;
	}
	return id.size() != 4;
}

void add_other(struct tags *tags, const ID3v2::Frame *frame)
{
	ByteVector id = frame->frameID();
	std::string name(id.data(), id.size());
	ByteVector bytes = frame->render();

	if (is_bound_to_audio(id) || id[0] == 'T' || id[0] == 'W' ||
	    bytes.size() <= 10)
		tags_lose(tags, name.c_str());
	else
		tags_add_frame(tags, name.c_str(), "", "", bytes.data() + 10,
			       bytes.size() - 10);
}

template <class T> const T *as(const ID3v2::Frame *frame)
{
	return dynamic_cast<const T *>(frame);
}

/* Some keep several in one frame, of which TagLib takes the first. */
void add_comment(struct tags *tags, const ID3v2::CommentsFrame *frame)
{
	unsigned before = frame->size();

	add_frame(tags, "COMM", language_of(frame->language()),
		  frame->description(), frame->text());
	if (before > frame->render().size() - 10 + 2)
		tags_lose(tags, "second comments");
}

void add_id3_frame(struct tags *tags, const ID3v2::Frame *frame)
{
	if (frame->frameID() == "APIC" || frame->frameID() == "PIC")
		return;
	if (frame->frameID() == "WFED") /* TagLib takes it for a text */
		return tags_lose(tags, "WFED");
	if (auto user = as<ID3v2::UserTextIdentificationFrame>(frame))
		add_user_text(tags, user);
	else if (auto text = as<ID3v2::TextIdentificationFrame>(frame))
		add_text(tags, text);
	else if (auto comment = as<ID3v2::CommentsFrame>(frame))
		add_comment(tags, comment);
	else if (auto words = as<ID3v2::UnsynchronizedLyricsFrame>(frame))
		add_frame(tags, "USLT", language_of(words->language()),
			  words->description(), words->text());
	else if (auto link = as<ID3v2::UserUrlLinkFrame>(frame))
		add_frame(tags, "WXXX", "", link->description(), link->url());
	else if (auto url = as<ID3v2::UrlLinkFrame>(frame))
		add_frame(tags, url->frameID(), "", "", url->url());
	else if (auto ufid = as<ID3v2::UniqueFileIdentifierFrame>(frame))
		tags_add_frame(tags, "UFID", "", ufid->owner().toCString(true),
			       ufid->identifier().data(),
			       ufid->identifier().size());
	else
		add_other(tags, frame);
}

void add_id3(struct tags *tags, const ID3v2::Tag *tag)
{
	if (!tag || tag->isEmpty())
		return;
	for (const ID3v2::Frame *frame : tag->frameList())
		add_id3_frame(tags, frame);
	tags->source++;
}

void add_id3_at(struct tags *tags, Stream *stream, long place)
{
	Plain file(stream);
	ID3v2::Tag tag(&file, place);

	add_id3(tags, &tag);
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
	add(tags, "comment", tag.comment());
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
	if (item.type() != APE::Item::Binary)
		add(tags, item.key(), item.values());
	else if (!item.key().upper().startsWith("COVER ART"))
		tags_lose(tags, item.key().toCString(true));
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

/* Vorbis comments */

bool is_picture(const String &key)
{
	return key == "METADATA_BLOCK_PICTURE" || key == "COVERART" ||
	       key == "COVERARTMIME";
}

void add_comments(struct tags *tags, const Ogg::XiphComment *comments)
{
	if (!comments)
		return;
	for (const auto &field : comments->fieldListMap()) {
		if (!is_picture(field.first))
			add(tags, field.first, field.second);
	}
	tags->source++;
}

void add_flac(struct tags *tags, Stream *stream)
{
	FLAC::File file(stream, ID3v2::FrameFactory::instance(), false);

	if (file.hasXiphComment())
		add_comments(tags, file.xiphComment());
}

template <class T> bool add_ogg_as(struct tags *tags, Stream *stream)
{
	if (!T::isSupported(stream))
		return false;
	stream->seek(0, IOStream::Beginning);
	T file(stream, false);
	add_comments(tags, file.tag());
	return true;
}

void add_ogg(struct tags *tags, Stream *stream)
{
	(void)(add_ogg_as<Ogg::FLAC::File>(tags, stream) ||
	       add_ogg_as<Vorbis::File>(tags, stream) ||
	       add_ogg_as<Ogg::Opus::File>(tags, stream) ||
	       add_ogg_as<Ogg::Speex::File>(tags, stream));
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
			tags_lose(tags, name.toCString(true));
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

void add_wav(struct tags *tags, Stream *stream)
{
	add_id3(tags, RIFF::WAV::File(stream, false).ID3v2Tag());
}

void add_aiff(struct tags *tags, Stream *stream)
{
	add_id3(tags, RIFF::AIFF::File(stream, false).tag());
}

const struct {
	const char *demuxer;
	void (*add)(struct tags *tags, Stream *stream);
} readers[] = {
	{"flac", add_flac}, {"ogg", add_ogg}, {"mov", add_mp4},
	{"asf", add_asf},   {"wav", add_wav}, {"aiff", add_aiff},
	{"dsf", add_dsf},   {"iff", add_dff}, {"ape", add_ape},
	{"wv", add_ape},    {"tak", add_ape}, {"mpc", add_ape},
	{"mpc8", add_ape},
};

void read(struct input *input, const struct sniff *sniff, struct tags *tags)
{
	const char *demuxer = sniff->demuxer ? sniff->demuxer : "";
	bool own = false; /* a tag that belongs to the format */
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
}

} // namespace

void taglib_read(struct input *input, const struct sniff *sniff,
		 struct tags *tags)
{
	try {
		read(input, sniff, tags);
	} catch (const std::exception &) {
		tags_lose(tags, "what is too large or too deep");
	}
}
