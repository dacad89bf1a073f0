/*
 * Symbolic links of the library. They are shown as links, so a loop is a link
 * that leads up and not an endless tree, and the kernel follows them with the
 * rights of who asks.
 */
#ifndef LIBRARY_LINKS_H
#define LIBRARY_LINKS_H

struct library;

/*
 * What the link at `path` says, as it may stand in any view, on the heap: as it
 * is when it is relative and stays within the library, else relative instead.
 * -EXDEV: it leads out of the library.
 */
int link_text(const struct library *library, const char *path, char **text);

/*
 * A path of the library without links, "." and "..", on the heap; links within
 * the library are followed. -EXDEV: it leads out; -ELOOP: too many links;
 * -ENOENT: there is no such file.
 */
int link_resolve(const struct library *library, const char *path, char **real);

/*
 * What leads from the folder of the file at `path` to `target`, both of the
 * library and without links, on the heap: "../x". NULL: no memory.
 */
char *link_relative(const char *path, const char *target);

/* The real folder of what a link at `path` that says `text` leads to first. */
int link_folder(const struct library *library, const char *path,
		const char *text, char **folder);

#endif
