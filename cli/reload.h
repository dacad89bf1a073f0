/*
 * Reading the configuration again while a mount runs: what can change then is
 * changed, of the rest the log says that it needs a remount.
 */
#ifndef CLI_RELOAD_H
#define CLI_RELOAD_H

#include "cli/settings/options.h"

/*
 * For fs_options.reload, with the options that the mount began with as its
 * context. 0; -errno after a log line: all stays as it was.
 */
int reload_options(void *options, struct fs_live *live);

#endif
