/*
 * ASF: attributes of several kinds, in two lists whose order decides which
 * value is the first.
 */
#include "transcode/worker/tags/taglib_private.hpp"

#include <asffile.h>

using namespace TagLib;

namespace
{

void add_attribute(struct tags *tags, const String &name,
		   const ASF::Attribute &attribute)
{
	switch (attribute.type()) {
	case ASF::Attribute::UnicodeType:
		return taglib_add(tags, name, attribute.toString());
	case ASF::Attribute::BoolType:
		return taglib_add(tags, name, attribute.toBool() ? "1" : "0");
	case ASF::Attribute::WordType:
		return taglib_add(tags, name,
				  String::number(attribute.toUShort()));
	case ASF::Attribute::DWordType:
		return taglib_add(tags, name,
				  String(std::to_string(attribute.toUInt())));
	case ASF::Attribute::QWordType:
		return taglib_add(
			tags, name,
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
 * the header's extension, in whatever order these are. TagLib does not tell
 * which is which, so it first sees the file without the extension.
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

} // namespace

void taglib_add_asf(struct tags *tags, Stream *stream)
{
	ASF::AttributeListMap first = read_first_values(stream);
	ASF::File file(stream, false);

	if (!file.isValid() || !file.tag())
		return;
	taglib_add(tags, "Title", file.tag()->title());
	taglib_add(tags, "Author", file.tag()->artist());
	taglib_add(tags, "Copyright", file.tag()->copyright());
	taglib_add(tags, "Description", file.tag()->comment());
	for (const auto &list : file.tag()->attributeListMap())
		add_attributes(tags, list.first, list.second,
			       first[list.first].size());
	tags->source++;
}
