/* What a file becomes in a view: see listing_private.h. */
#include "library/listing_private.h"

#include "library/names.h"
#include "library/view.h"

/* Here, all audio is a track, and nothing else is shown. */
static bool is_for_audio(const struct view *view)
{
	return view->kind == VIEW_DECODED || view->kind == VIEW_ANALYSIS;
}

/* Lossy audio, unless it is to be transcoded. */
enum item_kind kind_of_unknown(const struct view *view)
{
	return is_for_audio(view) ? ITEM_TRACK : ITEM_FILE;
}

static enum item_kind kind_of_other(const struct view *view)
{
	return is_for_audio(view) ? ITEM_HIDDEN : ITEM_FILE;
}

enum item_kind kind_by_facts(const struct view *view, const char *name,
			     uint64_t size, const struct facts *facts)
{
	if (facts->kind == FACTS_OTHER)
		return kind_of_other(view);
	if (view->kind == VIEW_QUALITY
		    ? sources_take(&view->sources, name, size, facts)
		    : facts->kind == FACTS_LOSSLESS)
		return ITEM_TRACK;
	return kind_of_unknown(view);
}

enum item_kind kind_by_name(const struct view *view, const char *name)
{
	switch (name_classify(name)) {
	case NAME_LOSSLESS:
		return view->kind != VIEW_QUALITY ||
				       sources_take_name(&view->sources, name)
			       ? ITEM_TRACK
			       : ITEM_FILE;
	case NAME_LOSSY:
		return kind_of_unknown(view);
	default:
		return kind_of_other(view);
	}
}

bool needs_facts(const struct view *view, const char *name)
{
	enum name_class class = name_classify(name);

	return class == NAME_EITHER ||
	       (class == NAME_LOSSY && view->kind == VIEW_QUALITY &&
		view->sources.lossy_above > 0);
}
