/*
 * Frames of ID3v2, which become frames again: texts are split into values,
 * everything else passes as bytes. TagLib has already translated older
 * versions.
 */
#include "transcode/worker/tags/taglib_private.hpp"

#include <attachedpictureframe.h>
#include <commentsframe.h>
#include <cstring>
#include <id3v1genres.h>
#include <textidentificationframe.h>
#include <uniquefileidentifierframe.h>
#include <unsynchronizedlyricsframe.h>
#include <urllinkframe.h>

using namespace TagLib;

namespace
{

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
	if (frame->textEncoding() > String::UTF8) /* it has none at all */
		return tags_lose(
			tags, std::string(frame->frameID().data(), 4).c_str());
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

/* Positions in the audio, encryption: wrong or useless in another file. */
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

	if (id == "TDAT" || id == "TIME") /* are in TDRC now */
		return;
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

/* Some programs keep several in one frame, of which TagLib takes the first. */
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
	if (auto picture = as<ID3v2::AttachedPictureFrame>(frame))
		return taglib_add_picture(
			tags, picture->mimeType(), picture->type(),
			picture->description(), picture->picture());
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

} // namespace

void taglib_add_id3(struct tags *tags, const ID3v2::Tag *tag)
{
	if (!tag || tag->isEmpty())
		return;
	for (const ID3v2::Frame *frame : tag->frameList())
		add_id3_frame(tags, frame);
	tags->source++;
}
