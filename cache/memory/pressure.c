/*
 * The thread that watches. It sleeps in poll(2) for a second, or until the
 * kernel says that tasks stall, or until it is to end.
 */
#include "cache/memory/pressure.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "cache/memory/pressure_private.h"

#include <pthread.h>
#include <sys/eventfd.h>

enum { LOOK_MS = 1000 };

struct pressure {
	/* immutable */
	struct pressure_config config;
	pthread_t thread;
	int end; /* an eventfd; readable: the thread is to end */

	/* the thread's; before it exists, pressure_start()'s */
	struct psi psi;
	struct cgroup cgroup;
	struct pressure_state state;
};

static void tell_budget(struct pressure *pressure, uint64_t before)
{
	uint64_t budget = pressure->state.budget;

	if (budget < before)
		count(memory_shrunk);
	else
		count(memory_grown);
	log_info("memory pressure%s: decoded audio may use %llu MiB now",
		 budget < before ? "" : " is over",
		 (unsigned long long)(budget >> 20));
	pressure->config.set_budget(pressure->config.context, budget);
}

static void step_budget(struct pressure *pressure, bool pressed)
{
	uint64_t max = cgroup_limit(&pressure->cgroup) / 2;
	uint64_t before = pressure->state.budget;

	if (max > pressure->config.budget_max)
		max = pressure->config.budget_max;
	pressure_next(&pressure->state, pressed, max,
		      (uint64_t)clock_seconds());
	if (pressure->state.budget != before)
		tell_budget(pressure, before);
}

static void *look_now_and_then(void *argument)
{
	struct pressure *pressure = argument;

	for (;;) {
		struct pollfd polled[] = {
			{.fd = pressure->end, .events = POLLIN},
			psi_pollfd(&pressure->psi),
		};
		bool pressed;

		/* A signal only makes the next look earlier. */
		(void)poll(polled, 2, LOOK_MS);
		if (polled[0].revents)
			return NULL;
		pressed = psi_pressed(&pressure->psi, polled[1].revents);
		pressed |= cgroup_pressed(&pressure->cgroup);
		step_budget(pressure, pressed);
	}
}

static void open_sources(struct pressure *pressure)
{
	const struct pressure_config *config = &pressure->config;
	auto_free char *own = NULL;

	if (!config->cgroup_dir)
		own = cgroup_find("/proc/self");
	cgroup_open(&pressure->cgroup,
		    config->cgroup_dir ? config->cgroup_dir : own);
	psi_open(&pressure->psi,
		 config->psi_path ? config->psi_path : "/proc/pressure/memory");
}

/* Sets up everything but the thread. */
static void free_pressure(struct pressure *pressure)
{
	psi_release(&pressure->psi);
	cgroup_release(&pressure->cgroup);
	close(pressure->end);
	free(pressure);
}

int pressure_start(const struct pressure_config *config, struct pressure **out)
{
	struct pressure *pressure = calloc(1, sizeof(*pressure));
	int r;

	if (!pressure)
		return -ENOMEM;
	pressure->end = eventfd(0, EFD_CLOEXEC);
	if (pressure->end < 0) {
		r = -errno;
		free(pressure);
		return r;
	}
	pressure->config = *config;
	pressure->state = (struct pressure_state){
		.budget = config->budget_max,
		.min = config->budget_min,
		.since = (uint64_t)clock_seconds(),
	};
	open_sources(pressure);
	step_budget(pressure, false);
	r = -pthread_create(&pressure->thread, NULL, look_now_and_then,
			    pressure);
	if (r < 0)
		free_pressure(pressure);
	else
		*out = pressure;
	return r;
}

void pressure_stop(struct pressure *pressure)
{
	const uint64_t one = 1;

	if (!pressure)
		return;
	/* Sets a number that is still 0. */
	(void)!write(pressure->end, &one, sizeof(one));
	pthread_join(pressure->thread, NULL);
	free_pressure(pressure);
}
