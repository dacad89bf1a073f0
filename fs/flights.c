#include "fs/flights.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "fs/nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct aside *aside_copy(const struct fuse_buf *buffer)
{
	struct aside *aside = malloc(sizeof(*aside) + buffer->size);

	if (!aside)
		return NULL;
	aside->buffer = *buffer;
	aside->buffer.mem = aside + 1;
	memcpy(aside->buffer.mem, buffer->mem, buffer->size);
	return aside;
}

void flights_init(struct flights *flights, struct nodes *nodes)
{
	flights->nodes = nodes;
	pthread_mutex_init(&flights->lock, NULL);
	LIST_INIT(&flights->under_way);
	TAILQ_INIT(&flights->releases);
}

/* Files that were not closed are closed with the mount (handles_destroy()). */
void flights_release(struct flights *flights)
{
	struct aside *release;

	while ((release = TAILQ_FIRST(&flights->releases))) {
		TAILQ_REMOVE(&flights->releases, release, link);
		free(release);
	}
	pthread_mutex_destroy(&flights->lock);
}

/* Each of these begins with the kernel's name of the open file. */
static uint64_t file_of(const struct fuse_in_header *in)
{
	uint64_t file = 0;

	switch (in->opcode) {
	case FUSE_READ:
	case FUSE_READDIR:
	case FUSE_READDIRPLUS:
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_FLUSH:
	case FUSE_FSYNC:
	case FUSE_FSYNCDIR:
	case FUSE_IOCTL:
	case FUSE_POLL:
	case FUSE_LSEEK:
		memcpy(&file, in + 1, sizeof(file));
		break;
	default:
		break;
	}
	return file;
}

static bool is_release(const struct fuse_in_header *in)
{
	return in->opcode == FUSE_RELEASE || in->opcode == FUSE_RELEASEDIR;
}

/* The kernel forgets the node by itself. */
static bool is_forget(const struct fuse_in_header *in)
{
	return in->opcode == FUSE_FORGET || in->opcode == FUSE_BATCH_FORGET;
}

/* By another thread. */
static bool is_used_locked(const struct flights *flights, uint64_t file,
			   const struct flight *but)
{
	const struct flight *flight;

	LIST_FOREACH (flight, &flights->under_way, link) {
		if (flight != but && file && flight->file == file)
			return true;
	}
	return false;
}

void flight_begin(struct flights *flights, struct flight *flight,
		  const struct fuse_in_header *in)
{
	flight->unique = in->unique;
	flight->file = file_of(in);
	flight->node =
		is_forget(in) ? NULL : nodes_hold(flights->nodes, in->nodeid);
	auto_lock(&flights->lock);
	LIST_INSERT_HEAD(&flights->under_way, flight, link);
}

struct aside *flight_end(struct flights *flights, struct flight *flight)
{
	struct aside *release;

	pthread_mutex_lock(&flights->lock);
	LIST_REMOVE(flight, link);
	TAILQ_FOREACH (release, &flights->releases, link) {
		uint64_t file = file_of(aside_header(&release->buffer));

		if (file != flight->file || is_used_locked(flights, file, NULL))
			continue;
		TAILQ_REMOVE(&flights->releases, release, link);
		break;
	}
	pthread_mutex_unlock(&flights->lock);
	nodes_unref(flights->nodes, flight->node);
	return release;
}

bool flights_hold_up(struct flights *flights, const struct fuse_buf *buffer,
		     const struct flight *flight)
{
	const struct fuse_in_header *in = aside_header(buffer);
	struct aside *aside = NULL;
	bool used;

	if (!is_release(in))
		return false;
	pthread_mutex_lock(&flights->lock);
	used = is_used_locked(flights, flight->file, flight);
	if (used && (aside = aside_copy(buffer)))
		TAILQ_INSERT_TAIL(&flights->releases, aside, link);
	pthread_mutex_unlock(&flights->lock);
	if (used && !aside)
		log_error("cannot close a file: %s", strerror(ENOMEM));
	return used;
}
