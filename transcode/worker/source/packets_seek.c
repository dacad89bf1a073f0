/*
 * The next second is reached by walking on, any other by the shortest way there
 * is. If a jump does not land where it should, the file is walked through from
 * its beginning from then on.
 */
#include "transcode/worker/source/packets_private.h"

#include <libavutil/intreadwrite.h>
#include <string.h>

/* Where the file was cut off, packets are missing up to the end. */
static bool is_sound(const AVIndexEntry *entry, const AVIndexEntry *before,
		     uint64_t size)
{
	bool cut = before->pos + before->size > (int64_t)size;
	bool whole = entry->pos >= 0 && entry->size >= 0 &&
		     entry->pos + entry->size <= (int64_t)size;

	/* a second edit has packets to warm up for it, too */
	if ((entry->flags & AVINDEX_DISCARD_FRAME) &&
	    !(before->flags & AVINDEX_DISCARD_FRAME))
		return false;
	return entry->timestamp > before->timestamp &&
	       entry->pos >= before->pos && (!cut || !whole);
}

bool packets_index_is_sound(const struct media *media)
{
	int count = avformat_index_get_entries_count(media->audio);
	AVIndexEntry before = {0};

	for (int i = 0; i < count; i++) {
		const AVIndexEntry *entry =
			avformat_index_get_entry(media->audio, i);

		if (!entry ||
		    (i > 0 && !is_sound(entry, &before, media->input->size)))
			return false;
		before = *entry;
	}
	return true;
}

/* ISO/IEC 14496-12, 4.2: boxes begin with their size and four letters. */
bool packets_is_fragmented(struct input *input, uint64_t start)
{
	enum { MAX_BOXES = 4096 };
	uint8_t head[16];

	for (int i = 0; i < MAX_BOXES; i++) {
		uint64_t size;

		if (input_read(input, start, head, sizeof(head)) < 16)
			return false;
		if (memcmp(head + 4, "moof", 4) == 0)
			return true;
		size = AV_RB32(head);
		if (size == 1)
			size = AV_RB64(head + 8);
		if (size < 8 || size >= input->size - start)
			return false;
		start += size;
	}
	return true;
}

/* The last note that does not lie behind `frame`. */
static size_t note_before(const struct packets *packets, int64_t frame)
{
	size_t low = 0, high = packets->noted;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (packets->notes[middle].start <= frame)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The note to begin at for a decoder that has to be warm at `frame`. */
static size_t find_note(const struct packets *packets, int64_t frame)
{
	const struct note *notes = packets->notes;
	size_t low = note_before(packets, frame);
	size_t back = packets->warm_up.packets / NOTE_STEP + 1;
	int64_t start = frame - (int64_t)packets->warm_up.frames;
	int64_t main_data;

	if (low <= back)
		return 0;
	main_data = notes[low - 1].main_data - packets->warm_up.bytes;
	low -= back;
	while (low > 0 &&
	       (notes[low].start > start || notes[low].main_data > main_data))
		low--;
	return low;
}

static bool jump_to_note(struct packets *packets, int64_t frame)
{
	size_t i = find_note(packets, frame);
	struct note note = i > 0 ? packets->notes[i] : (struct note){0};
	const struct packet *packet;

	if (i == 0)
		return packets_begin_again(packets);
	if (av_seek_frame(packets->media->format, -1, note.byte,
			  AVSEEK_FLAG_BYTE) < 0)
		return false;
	packets_forget(packets, i * NOTE_STEP, note.start);
	packets->bytes = note.main_data;
	packet = packets_read(packets);
	return packet && packet->data->pos == note.byte;
}

static bool jump_by_stamp(struct packets *packets, int64_t frame)
{
	AVStream *stream = packets->media->audio;
	AVRational sample = {1, (int)packets->rate};
	int64_t early = frame - packets->warm_up.frames;
	int64_t stamp;

	early -= packets->longest * packets->warm_up.packets;
	if (early <= packets->longest - packets->delay)
		return packets_begin_again(packets);
	stamp = av_rescale_q(packets->zero + early, sample, stream->time_base);
	if (av_seek_frame(packets->media->format, stream->index, stamp,
			  AVSEEK_FLAG_BACKWARD) < 0)
		return false;
	packets_forget(packets, UNKNOWN, INT64_MIN / 2);
	return packets_read(packets) && packets->next > INT64_MIN / 4;
}

static bool jump(struct packets *packets, int64_t frame)
{
	bool done = false;

	if (packets->way == WAY_NOTES && !packets->no_jumps)
		done = jump_to_note(packets, frame);
	if (packets->way == WAY_STAMPS && !packets->no_jumps)
		done = jump_by_stamp(packets, frame);
	if (done)
		return true;
	packets->no_jumps = true;
	return packets_begin_again(packets);
}

/* Looks among the packets at hand, which must reach to `frame`. */
static const struct packet *find_warm(struct packets *packets, int64_t frame)
{
	struct packet *packet = TAILQ_FIRST(&packets->kept);
	const struct packet *target;
	unsigned before = 0;

	while (packet && packet->end <= frame)
		packet = TAILQ_NEXT(packet, link);
	target = packet;
	for (; packet; packet = TAILQ_PREV(packet, packet_list, link)) {
		if (packets_is_warm(packets, packet, target, before++, frame))
			return packet;
	}
	/* nothing lies before the first packet of the file */
	return packets->number == packets->count ? TAILQ_FIRST(&packets->kept)
						 : NULL;
}

static int64_t reached(const struct packets *packets)
{
	const struct packet *last = TAILQ_LAST(&packets->kept, packet_list);

	return last ? last->end : INT64_MIN;
}

/* Whether going there is shorter than walking on. */
static bool is_far(const struct packets *packets, int64_t frame)
{
	if (packets->no_jumps || frame - (int64_t)packets->rate < packets->next)
		return false;
	if (packets->way == WAY_NOTES)
		return find_note(packets, frame) * NOTE_STEP > packets->number;
	return packets->way == WAY_STAMPS;
}

static const struct packet *walk_to(struct packets *packets, int64_t frame)
{
	while (reached(packets) <= frame) {
		if (!packets_read(packets))
			return NULL;
	}
	return find_warm(packets, frame);
}

const struct packet *packets_seek(struct packets *packets, uint64_t place)
{
	int64_t frame = place < INT64_MAX / 4 ? (int64_t)place : INT64_MAX / 4;
	const struct packet *first = NULL;

	if (!is_far(packets, frame))
		first = walk_to(packets, frame);
	if (first || (packets->ended && reached(packets) <= frame))
		return first;
	if (!jump(packets, frame))
		return NULL;
	first = walk_to(packets, frame);
	if (first || reached(packets) <= frame)
		return first;
	packets->no_jumps = true; /* it landed too late */
	return packets_begin_again(packets) ? walk_to(packets, frame) : NULL;
}
