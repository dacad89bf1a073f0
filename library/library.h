/*
 * The front door of library/: what is in the music folder, and under which
 * names.
 */
#ifndef LIBRARY_LIBRARY_H
#define LIBRARY_LIBRARY_H

#include "library/access.h"
#include "library/album.h"
#include "library/catalog.h"
#include "library/cover.h"
#include "library/files.h"
#include "library/find.h"
#include "library/links.h"
#include "library/listing.h"
#include "library/names.h"
#include "library/node.h"
#include "library/playlist.h"
#include "library/resolve.h"
#include "library/sidecar_kind.h"
#include "library/sources.h"
#include "library/view.h"
#include "library/walk.h"
#include "library/watch.h"

#endif
