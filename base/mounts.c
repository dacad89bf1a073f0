/*
 * See mounts.h. The table is looked up by the device, since the path that a
 * walk came by may lead through links and bind mounts. It is read only where a
 * device ends.
 */
#include "base/mounts.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

static bool is_groovefs(dev_t device)
{
	FILE *table = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	unsigned major, minor;
	bool ours = false;
	size_t room = 0;

	if (!table)
		return false;
	while (!ours && getline(&line, &room, table) >= 0)
		ours = sscanf(line, "%*d %*d %u:%u", &major, &minor) == 2 &&
		       makedev(major, minor) == device &&
		       strstr(line, " - fuse.groovefs ");
	fclose(table);
	return ours;
}

bool mounts_enters_groovefs(const struct stat *folder, dev_t above)
{
	return folder->st_dev != above && is_groovefs(folder->st_dev);
}
