/* See visited.h. */
#include "base/visited.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

struct visited_folder {
	dev_t dev;
	ino_t ino;
};

static int compare_visited(const void *a, const void *b)
{
	const struct visited_folder *left = a, *right = b;

	if (left->dev != right->dev)
		return left->dev < right->dev ? -1 : 1;
	return (left->ino > right->ino) - (left->ino < right->ino);
}

int visited_add(struct visited *visited, const struct stat *st)
{
	struct visited_folder *folder = malloc(sizeof(*folder));
	struct visited_folder **found;

	if (!folder)
		return -ENOMEM;
	*folder = (struct visited_folder){st->st_dev, st->st_ino};
	found = tsearch(folder, &visited->tree, compare_visited);
	if (found && *found == folder)
		return 1;
	free(folder);
	return found ? 0 : -ENOMEM;
}

void visited_release(struct visited *visited)
{
	tdestroy(visited->tree, free);
	visited->tree = NULL;
}
