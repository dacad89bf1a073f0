/*
 * What programs ask of a mount by ioctl(2): any command, with any structure of
 * any size. Each gets one answer: an errno, or as many bytes as its number
 * says, whose texts end. The tasks that come of it are real ones, on a small
 * library.
 *
 * Instead of libfuse, this answers for the request.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/script.h"

#include "fs/ops.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static struct fs fs;
static struct fuse_ctx asking;
static struct {
	unsigned count;
	int err;
	size_t size;
	union {
		struct control_precache precache;
		struct control_task task;
	} out;
} answer;

void *fuse_req_userdata(fuse_req_t req)
{
	(void)req;
	return &fs;
}

const struct fuse_ctx *fuse_req_ctx(fuse_req_t req)
{
	(void)req;
	return &asking;
}

int fuse_reply_err(fuse_req_t req, int err)
{
	(void)req;
	answer.count++;
	answer.err = err;
	return 0;
}

int fuse_reply_ioctl(fuse_req_t req, int result, const void *bytes, size_t size)
{
	(void)req;
	fuzz_holds(result == 0);
	fuzz_holds(size <= sizeof(answer.out));
	answer.count++;
	answer.size = size;
	if (size > 0)
		memcpy(&answer.out, bytes, size);
	return 0;
}

static void put(int folder, const char *name, const char *text)
{
	auto_fd int fd = openat(folder, name, O_WRONLY | O_CREAT, 0600);

	fuzz_holds(fd >= 0);
	fuzz_holds(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

/* Nothing in it is audio: what is looked for is not how it decodes. */
static void make_library(const char *path)
{
	auto_fd int folder = -1;

	fuzz_holds(mkdir(path, 0700) == 0);
	folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fuzz_holds(folder >= 0);
	fuzz_holds(mkdirat(folder, "d", 0700) == 0);
	put(folder, "a.flac", "no music");
	put(folder, "d/b.wav", "nor this");
	put(folder, "l.m3u", "a.flac\nd/b.wav\nnone.flac\n../x.flac\n");
}

static void set_up(void)
{
	static const struct profile qualities[] = {
		{.name = "low", .codec = CODEC_MP3, .bit_rate = 128},
		{.name = "medium", .codec = CODEC_MP3, .bit_rate = 192},
	};
	static struct core_options options;
	static char library[64], cache[64];
	const char *folder;

	if (fs.root)
		return;
	log_set_level(LOG_LEVEL_ERROR);
	folder = fuzz_folder();
	snprintf(library, sizeof(library), "%s/library", folder);
	snprintf(cache, sizeof(cache), "%s/cache", folder);
	make_library(library);
	options.catalog.library = library;
	options.catalog.qualities = qualities;
	options.catalog.quality_count = 2;
	options.backend.cache = cache;
	options.backend.worker_path = WORKER_PATH;
	options.backend.workers = 1;
	options.backend.worker_timeout = 60;
	fuzz_holds(core_open(&fs.core, &options) == 0);
	fuzz_holds(core_start(&fs.core, &options) == 0);
	fs.root = calloc(1, sizeof(*fs.root));
	fuzz_holds(fs.root);
	fs.root->kind = NODE_EVENTS;
	fs.events = events_create();
	fuzz_holds(fs.events);
}

/* As a command sends it, of the script's choice. */
static size_t honest(struct script *script, unsigned *command, void *call)
{
	static const char *const paths[] = {"",	    "a.flac",  "d", "l.m3u",
					    "none", "d/../..", "/"};
	struct control_precache *precache = call;
	struct control_task *look = call;
	struct control_cancel *cancel = call;

	precache->head.version = CONTROL_VERSION;
	switch (script_byte(script) % 3) {
	case 0:
		*command = CONTROL_PRECACHE;
		strcpy(precache->path, paths[script_byte(script) % 7]);
		strcpy(precache->qualities, "low:medium");
		return sizeof(*precache);
	case 1:
		*command = CONTROL_TASK;
		look->task = script_byte(script);
		return sizeof(*look);
	default:
		*command = CONTROL_CANCEL;
		cancel->task = script_byte(script);
		return sizeof(*cancel);
	}
}

static void check(unsigned command)
{
	fuzz_holds(answer.count == 1);
	fuzz_holds(answer.err >= 0 && answer.err < 4096);
	if (answer.err)
		return;
	if (command == CONTROL_PRECACHE)
		fuzz_holds(answer.size == sizeof(answer.out.precache));
	if (command != CONTROL_TASK)
		return;
	fuzz_holds(answer.size == sizeof(answer.out.task));
	fuzz_holds(memchr(answer.out.task.path, '\0',
			  sizeof(answer.out.task.path)));
	fuzz_holds(memchr(answer.out.task.reason, '\0',
			  sizeof(answer.out.task.reason)));
	fuzz_holds(memchr(answer.out.task.quality, '\0',
			  sizeof(answer.out.task.quality)));
}

static void ask(struct script *script)
{
	union {
		struct control_precache precache;
		struct control_task task;
	} call;
	unsigned command;
	size_t size;
	auto_free void *sent = NULL;

	memset(&call, 0, sizeof(call));
	memset(&answer, 0, sizeof(answer));
	size = honest(script, &command, &call);
	if (script_change(script, &call, sizeof(call)))
		size -= script_byte(script) % size;
	if (script_byte(script) % 16 == 15)
		command ^= script_number(script, 4);
	asking.uid = script_byte(script) % 16 == 15 ? 12345 : getuid();
	sent = malloc(size);
	fuzz_holds(sent);
	memcpy(sent, &call, size);
	op_ioctl(NULL, FUSE_ROOT_ID, command, NULL, NULL, 0, sent, size, 0);
	check(command);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct script script = {bytes, size};

	set_up();
	fs.tasks = tasks_create(&fs.core, fs.events, 1);
	fuzz_holds(fs.tasks);
	while (script.left > 0)
		ask(&script);
	tasks_destroy(fs.tasks);
	return 0;
}
