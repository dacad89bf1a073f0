/* See catalog.h. */
#include "library/catalog.h"

#include "base/log.h"
#include "library/files.h"

#include <errno.h>
#include <string.h>

int catalog_open(struct catalog *catalog, const struct catalog_options *options)
{
	int err = views_init(&catalog->views, options);

	catalog->library = NULL;
	catalog->path = options->library;
	if (err)
		return err;
	err = library_open(options->library, options->follow_links,
			   &catalog->library);
	if (err)
		log_error("cannot read the library '%s': %s", options->library,
			  strerror(-err));
	return err;
}

void catalog_close(struct catalog *catalog)
{
	library_close(catalog->library);
	views_release(&catalog->views);
}
