/* See reload.h. */
#include "cli/reload.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

/* Settings that a running mount can change. */
static const char *const live_settings[] = {"cache_size", "cache_age",
					    "min_free", "analyze", "log_level"};

static bool is_live(const char *name)
{
	for (size_t i = 0; i < sizeof(live_settings) / sizeof(*live_settings);
	     i++) {
		if (strcmp(live_settings[i], name) == 0)
			return true;
	}
	return false;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Compared with those that the mount began with, which are still in force. */
static void tell_of_the_rest(const struct mount_options *old,
			     const struct mount_options *now)
{
	for (unsigned i = 0; i < settings_count; i++) {
		if (!is_live(settings[i].name) &&
		    !same_text(old->given[i].text, now->given[i].text))
			log_warn("'%s' has changed; this takes effect at the "
				 "next mount",
				 settings[i].name);
	}
	if (!qualities_equal(&old->qualities, &now->qualities))
		log_warn("the qualities have changed; this takes effect at the "
			 "next mount");
}

static int load_again(const struct mount_options *old,
		      struct mount_options *now)
{
	now->config_file = old->config_file;
	if (options_add(now, old->words) != 0)
		return -ENOMEM;
	return options_load(now);
}

int reload_options(void *options, struct fs_live *live)
{
	const struct mount_options *old = options;
	struct mount_options now;
	int err = options_init(&now);

	if (!err)
		err = load_again(old, &now);
	if (!err) {
		tell_of_the_rest(old, &now);
		*live = (struct fs_live){
			.limits = now.fs.core.backend.limits,
			.analyze_on_play = now.fs.analyze_on_play,
		};
		log_info("configuration reloaded");
	} else {
		log_error("cannot reload the configuration: keeping the old "
			  "one");
	}
	options_release(&now);
	return err;
}
