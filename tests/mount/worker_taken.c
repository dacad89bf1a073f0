/*
 * A worker that hostile files take over. It is the real one, in its sandbox,
 * until it gets a file that asks for a deed (deeds.h), as an exploit of a
 * decoder would take it over in the middle of a task. Linked with --wrap, which
 * puts this before the functions of the real one.
 */
#include "deeds.h"

#include "cache/memory/ring.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

__typeof__(task_probe) __real_task_probe, __wrap_task_probe;
__typeof__(task_tag) __real_task_tag, __wrap_task_tag;
__typeof__(task_segment) __real_task_segment, __wrap_task_segment;
__typeof__(task_block) __real_task_block, __wrap_task_block;
__typeof__(ring_attach) __real_ring_attach, __wrap_ring_attach;
__typeof__(close) __real_close, __wrap_close;

int __wrap_task_probe(struct link *link, const struct worker_task *task,
		      struct input *input)
{
	const struct deed *deed = find_deed(input->fd, task);

	return deed ? deed->act(link, task)
		    : __real_task_probe(link, task, input);
}

int __wrap_task_tag(struct link *link, const struct worker_task *task,
		    struct input *input, int cover_fd)
{
	const struct deed *deed = find_deed(input->fd, task);

	return deed ? deed->act(link, task)
		    : __real_task_tag(link, task, input, cover_fd);
}

int __wrap_task_segment(struct link *link, const struct worker_task *task,
			const struct input *input, struct pcm **kept)
{
	const struct deed *deed = find_deed(input->fd, task);

	return deed ? deed->act(link, task)
		    : __real_task_segment(link, task, input, kept);
}

int __wrap_task_block(struct link *link, const struct worker_task *task,
		      const struct input *input, struct pcm **kept)
{
	const struct deed *deed = find_deed(input->fd, task);

	return deed ? deed->act(link, task)
		    : __real_task_block(link, task, input, kept);
}

/* While it still may: what is mapped here is mapped twice. */
int __wrap_ring_attach(int fd, struct ring **ring)
{
	void *map = mmap(NULL, 4096 + WORKER_RING_SIZE, PROT_READ | PROT_WRITE,
			 MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		return -errno;
	deeds_ring = map;
	return __real_ring_attach(fd, ring);
}

int __wrap_close(int fd)
{
	return deeds_hoard ? 0 : __real_close(fd);
}
