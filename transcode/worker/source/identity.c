/*
 * XXH3 over a marker of the kind and then its parts, each of a fixed size
 * except the samples of the audio, whose sizes follow from the length before
 * them. So no two kinds or files are hashed alike.
 */
#include "transcode/worker/source/identity.h"

#include "transcode/worker/fail.h"

#include <string.h>
#include <xxhash.h>

#define SAMPLE_SIZE 65536u

static const char flac_marker[8] = "flac-1";
static const char file_marker[8] = "file-2";
static const char revised_marker[8] = "again-1";

static void put64(uint8_t *to, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(value >> (56 - 8 * i));
}

static struct key key_from(XXH128_hash_t hash)
{
	XXH128_canonical_t canonical;
	struct key key;

	XXH128_canonicalFromHash(&canonical, hash);
	memcpy(key.bytes, canonical.digest, sizeof(key.bytes));
	return key;
}

/* Appends up to SAMPLE_SIZE bytes; fewer at the end of the file. */
static int append(struct input *input, uint64_t at, uint8_t *buffer,
		  size_t *filled)
{
	ssize_t n = input_read(input, at, buffer + *filled, SAMPLE_SIZE);

	if (n < 0)
		return fail((int)n, "cannot read the file");
	*filled += (size_t)n;
	return 0;
}

static int sample_audio(struct input *input, uint64_t start, uint64_t length,
			uint8_t *buffer, size_t *filled)
{
	uint64_t last = length > SAMPLE_SIZE ? length - SAMPLE_SIZE : 0;
	int error = append(input, start, buffer, filled);

	if (!error)
		error = append(input, start + last / 2, buffer, filled);
	if (!error)
		error = append(input, start + last, buffer, filled);
	return error;
}

int identity_of_flac(struct input *input, const struct flac_header *header,
		     struct key *identity)
{
	static uint8_t buffer[64 + 3 * SAMPLE_SIZE];
	uint64_t length =
		input->size > header->audio ? input->size - header->audio : 0;
	size_t filled = 0;
	int error;

	memcpy(buffer, flac_marker, sizeof(flac_marker));
	filled += sizeof(flac_marker);
	memcpy(buffer + filled, header->streaminfo, FLAC_STREAMINFO_SIZE);
	filled += FLAC_STREAMINFO_SIZE;
	put64(buffer + filled, length);
	filled += 8;
	error = sample_audio(input, header->audio, length, buffer, &filled);
	if (!error)
		*identity = key_from(XXH3_128bits(buffer, filled));
	return error;
}

struct key identity_of_file(const struct file_id *id)
{
	uint8_t bytes[sizeof(file_marker) + 5 * 8];

	memcpy(bytes, file_marker, sizeof(file_marker));
	put64(bytes + 8, id->dev);
	put64(bytes + 16, id->ino);
	put64(bytes + 24, id->size);
	put64(bytes + 32, (uint64_t)id->mtime_ns);
	put64(bytes + 40, (uint64_t)id->ctime_ns);
	return key_from(XXH3_128bits(bytes, sizeof(bytes)));
}

struct key identity_revised(const struct key *identity, uint32_t revision)
{
	uint8_t bytes[sizeof(revised_marker) + sizeof(identity->bytes) + 8];

	if (revision == 0)
		return *identity;
	memcpy(bytes, revised_marker, sizeof(revised_marker));
	memcpy(bytes + 8, identity->bytes, sizeof(identity->bytes));
	put64(bytes + 24, revision);
	return key_from(XXH3_128bits(bytes, sizeof(bytes)));
}
