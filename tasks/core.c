/* See core.h. */
#include "tasks/core.h"

#include "tasks/check.h"

static int open_library_source(void *context, const char *path)
{
	return library_open_file(context, path);
}

static int check_places(const struct core_options *options)
{
	if (!options->mountpoint)
		return 0;
	return check_mountpoint(options->mountpoint, options->catalog.library);
}

int core_open(struct core *core, const struct core_options *options)
{
	int err = catalog_open(&core->catalog, &options->catalog);

	if (!err)
		err = check_places(options);
	if (!err)
		err = backend_open(&core->backend, &options->backend,
				   options->catalog.library,
				   options->mountpoint);
	return err;
}

int core_start(struct core *core, const struct core_options *options)
{
	int err = backend_start(&core->backend, &options->backend,
				open_library_source, core->catalog.library);

	if (!err)
		core->catalog.engine = core->backend.engine;
	return err;
}

void core_close(struct core *core)
{
	backend_stop(&core->backend);
	backend_close(&core->backend);
	catalog_close(&core->catalog);
}
