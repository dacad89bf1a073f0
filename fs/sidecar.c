/* See sidecar.h. */
#include "fs/sidecar.h"

#include "base/cleanup.h"
#include "fs/fs_private.h"

#include <errno.h>
#include <string.h>

struct text_request {
	struct fs *fs;
	struct node *node;	     /* a reference is held */
	struct rendition *rendition; /* the same; may be NULL */
	uint64_t offset;
	size_t size;
	struct asker asker;
	rendition_read_fn *fn;
	void *arg;
};

static const struct text_kind {
	enum analysis_part part; /* whose file it is, or is made from */
	int (*write)(const struct measures *measures,
		     const struct sidecar_source *source, char *to);
} kinds[SIDECARS] = {
	[SIDECAR_JSON] = {ANALYSIS_RECORD, sidecar_json},
	[SIDECAR_25D] = {ANALYSIS_RECORD, sidecar_25d},
	[SIDECAR_PEAKS] = {ANALYSIS_PEAKS, NULL},
	[SIDECAR_PEAKS_JSON] = {ANALYSIS_PEAKS, NULL},
	[SIDECAR_WAVEFORM] = {ANALYSIS_WAVEFORM, NULL},
	[SIDECAR_SPECTROGRAM] = {ANALYSIS_SPECTROGRAM, NULL},
};

static void finish_text(struct text_request *q, int err, const void *bytes,
			size_t size)
{
	q->fn(q->arg, err, bytes, size);
	rendition_unref(q->rendition);
	nodes_unref(q->fs->nodes, q->node);
	free(q);
}

/*
 * Why it has no analysis: its audio cannot be decoded, or the analysis failed.
 */
static void find_failure(const struct text_request *q,
			 const struct facts *facts, char *text, size_t size)
{
	if (q->rendition)
		rendition_failure(q->rendition, text, size);
	else
		snprintf(text, size, "%s", facts->reason);
	if (!*text)
		snprintf(text, size, "%s", "it contains no audio");
}

/* Gives the part that was asked for of the text made from these measures. */
static void answer_text(struct text_request *q, const struct measures *measures)
{
	const struct node *node = q->node;
	const struct text_kind *kind = &kinds[node->sidecar];
	char text[SIDECAR_JSON_SIZE];
	char identity[KEY_TEXT_SIZE];
	char failure[SIDECAR_REASON_MAX];
	struct facts facts = {0};
	int err;

	if (node->track)
		facts = track_facts(node->track);
	else
		engine_facts_known(q->fs->core.backend.engine, &node->id,
				   &facts);
	key_text(&facts.identity, identity);
	if (!measures)
		find_failure(q, &facts, failure, sizeof(failure));
	err = kind->write(measures,
			  &(struct sidecar_source){
				  .path = node->path,
				  .genre = *facts.genre ? facts.genre : NULL,
				  .codec = facts.codec,
				  .identity = identity,
				  .rate = facts.rate,
				  .channels = facts.channels,
				  .bits = facts.bits,
				  .samples = facts.samples,
				  .size_bytes = node->id.size,
				  .mtime = node->attributes.st_mtim.tv_sec,
				  .failure = measures ? NULL : failure,
			  },
			  text);
	finish_text(q, err, text + q->offset, err ? 0 : q->size);
}

/*
 * What is not the file's fault is an error: the next reader may have more luck.
 */
static bool is_of_file(const struct text_request *q)
{
	char failure[SIDECAR_REASON_MAX];

	rendition_failure(q->rendition, failure, sizeof(failure));
	return *failure != '\0';
}

/* A failure is reported but not kept: it is read with direct I/O. */
static void on_record(void *arg, int err, const void *bytes, size_t size)
{
	struct text_request *q = arg;
	struct analysis_record record;

	if (err && (err != -EIO || !is_of_file(q))) {
		finish_text(q, err, NULL, 0);
	} else if (err) {
		answer_text(q, NULL);
	} else {
		memcpy(&record, bytes, size);
		answer_text(q, &record.measures);
	}
}

static void on_peaks(void *arg, int err, const void *bytes, size_t size)
{
	struct text_request *q = arg;
	const struct track *track = q->node->track;
	auto_free char *text = malloc(q->size ? q->size : 1);

	(void)size;
	if (!err && !text)
		err = -ENOMEM;
	if (!err)
		sidecar_peaks_json(track->facts.rate, track->facts.samples,
				   q->offset, q->size, bytes, text);
	finish_text(q, err, text, err ? 0 : q->size);
}

static void read_text(struct text_request *q)
{
	uint64_t begin, end;

	if (kinds[q->node->sidecar].write) {
		if (q->rendition)
			analysis_read(q->rendition, ANALYSIS_RECORD, 0,
				      sizeof(struct analysis_record), &q->asker,
				      on_record, q);
		else
			answer_text(q, NULL);
		return;
	}
	sidecar_peaks_json_needs(q->node->track->facts.samples, q->offset,
				 q->size, &begin, &end);
	analysis_read(q->rendition, ANALYSIS_PEAKS, begin,
		      (size_t)(end - begin), &q->asker, on_peaks, q);
}

static bool is_text(const struct node *node)
{
	return kinds[node->sidecar].write ||
	       node->sidecar == SIDECAR_PEAKS_JSON;
}

void sidecar_read(struct fs *fs, struct node *node, struct rendition *rendition,
		  uint64_t offset, size_t size, const struct asker *asker,
		  rendition_read_fn *fn, void *arg)
{
	const struct text_kind *kind = &kinds[node->sidecar];
	uint64_t file_size = (uint64_t)node->attributes.st_size;
	struct text_request *q;

	if (offset > file_size)
		offset = file_size;
	if (size > file_size - offset)
		size = (size_t)(file_size - offset);
	if (!rendition && !kind->write) {
		fn(arg, -EIO, NULL, 0);
		return;
	}
	if (!is_text(node)) {
		analysis_read(rendition, kind->part, offset, size, asker, fn,
			      arg);
		return;
	}
	q = malloc(sizeof(*q));
	if (!q) {
		fn(arg, -ENOMEM, NULL, 0);
		return;
	}
	nodes_ref(fs->nodes, node);
	*q = (struct text_request){
		.fs = fs,
		.node = node,
		.rendition = rendition ? rendition_ref(rendition) : NULL,
		.offset = offset,
		.size = size,
		.asker = *asker,
		.fn = fn,
		.arg = arg,
	};
	read_text(q);
}
