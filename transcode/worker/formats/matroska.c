/*
 * FFmpeg keeps one value for each tag name, whatever level it applies to, and
 * has limits beyond which it searches the whole file for something that it
 * knows. So tags and attachments are found here and hidden from FFmpeg.
 *
 *   Segment / SeekHead / Seek / SeekID, SeekPosition from Segment's start
 *   Segment / Info, Tracks, Tags, Attachments
 *
 * (RFC 9559.) What is behind the first cluster is found only by a SeekHead:
 * nobody walks through all clusters.
 */
#include "transcode/worker/formats/matroska.h"

enum {
	EBML_HEAD = 0x1a45dfa3,
	SEGMENT = 0x18538067,
	CLUSTER = 0x1f43b675,
	SEEK_HEAD = 0x114d9b74,
	SEEK = 0x4dbb,
	SEEK_ID = 0x53ab,
	SEEK_POSITION = 0x53ac,
	TRACK_ENTRY = 0xae,
	TRACK_UID = 0x73c5,
	TRACK_TYPE = 0x83,
	TYPE_AUDIO = 2,
	MAX_ELEMENTS = 256, /* maximum of one kind; more are ignored */
};

static bool is_wanted(uint32_t id)
{
	return id == MATROSKA_INFO || id == MATROSKA_TRACKS ||
	       id == MATROSKA_TAGS || id == MATROSKA_ATTACHMENTS ||
	       id == SEEK_HEAD;
}

static void add_part(struct matroska *matroska, const struct ebml *part)
{
	if (!is_wanted(part->id) || matroska->count == MATROSKA_PARTS_MAX)
		return;
	for (unsigned i = 0; i < matroska->count; i++) {
		if (matroska->parts[i].at == part->at)
			return;
	}
	matroska->parts[matroska->count++] = *part;
}

/* A truncated file has less than it says. */
static bool find_segment(struct input *input, uint64_t at, struct ebml *segment)
{
	struct ebml head;

	if (!ebml_next(input, &at, input->size, &head) || head.id != EBML_HEAD)
		return false;
	do {
		if (!ebml_next(input, &at, UINT64_MAX, segment))
			return false;
	} while (segment->id != SEGMENT);
	if (segment->end > input->size)
		segment->end = input->size;
	return true;
}

static void follow(struct input *input, const struct ebml *segment,
		   const struct ebml *seek, struct matroska *matroska)
{
	struct ebml id, position, part;
	uint64_t at;

	if (!ebml_find(input, seek, SEEK_ID, &id) ||
	    !ebml_find(input, seek, SEEK_POSITION, &position))
		return;
	at = ebml_number(input, &position);
	if (at >= segment->end - segment->start)
		return;
	at += segment->start;
	if (ebml_next(input, &at, segment->end, &part) &&
	    part.id == ebml_number(input, &id))
		add_part(matroska, &part);
}

static void follow_all(struct input *input, const struct ebml *segment,
		       const struct ebml *head, struct matroska *matroska)
{
	struct ebml seek;
	uint64_t at = head->start;

	for (int i = 0; i < MAX_ELEMENTS; i++) {
		if (!ebml_next(input, &at, head->end, &seek))
			return;
		if (seek.id == SEEK)
			follow(input, segment, &seek, matroska);
	}
}

void matroska_look(struct input *input, uint64_t start,
		   struct matroska *matroska)
{
	struct ebml segment, part;
	uint64_t at;

	matroska->count = 0;
	if (!find_segment(input, start, &segment))
		return;
	at = segment.start;
	for (int i = 0; i < MAX_ELEMENTS; i++) {
		if (!ebml_next(input, &at, segment.end, &part) ||
		    part.id == CLUSTER)
			break;
		add_part(matroska, &part);
	}
	for (unsigned i = 0; i < matroska->count; i++) {
		if (matroska->parts[i].id == SEEK_HEAD)
			follow_all(input, &segment, &matroska->parts[i],
				   matroska);
	}
}

/* 0: it is not an audio track. */
static uint64_t uid_of_track(struct input *input, const struct ebml *track)
{
	struct ebml type, uid;

	if (!ebml_find(input, track, TRACK_TYPE, &type) ||
	    ebml_number(input, &type) != TYPE_AUDIO ||
	    !ebml_find(input, track, TRACK_UID, &uid))
		return 0;
	return ebml_number(input, &uid);
}

static uint64_t first_track(struct input *input, const struct ebml *tracks)
{
	struct ebml track;
	uint64_t at = tracks->start, uid = 0;

	for (int i = 0; !uid && i < MAX_ELEMENTS; i++) {
		if (!ebml_next(input, &at, tracks->end, &track))
			break;
		if (track.id == TRACK_ENTRY)
			uid = uid_of_track(input, &track);
	}
	return uid;
}

uint64_t matroska_track(struct input *input, const struct matroska *matroska)
{
	uint64_t uid = 0;

	for (unsigned i = 0; !uid && i < matroska->count; i++) {
		if (matroska->parts[i].id == MATROSKA_TRACKS)
			uid = first_track(input, &matroska->parts[i]);
	}
	return uid;
}
