/*
 * Reloads the configuration of a running mount: applies what can change, and
 * logs which settings need a remount.
 */
#ifndef CLI_RELOAD_H
#define CLI_RELOAD_H

#include "cli/settings/options.h"

/*
 * For fs_options.reload; its context is the options that the mount began with.
 * 0; -errno after a log line: nothing has changed.
 */
int reload_options(void *options, struct fs_live *live);

#endif
