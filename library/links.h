/*
 * Symbolic links of the library. They are shown as links, so a loop is a link
 * that leads up and not an endless tree, and the kernel follows them with the
 * caller's rights.
 */
#ifndef LIBRARY_LINKS_H
#define LIBRARY_LINKS_H

struct library;

/*
 * The text of the link at `path` as any view can show it, on the heap:
 * unchanged if it is relative and stays within the library, otherwise made
 * relative. -EXDEV: it leads out of the library.
 */
int link_text(const struct library *library, const char *path, char **text);

/*
 * A path of the library without links, "." and "..", on the heap; follows links
 * within the library. -EXDEV: it leads out; -ELOOP: too many links; -ENOENT:
 * there is no such file.
 */
int link_resolve(const struct library *library, const char *path, char **real);

/*
 * The relative path from the folder of the file at `path` to `target`, both in
 * the library and without links, on the heap: "../x". NULL: no memory.
 */
char *link_relative(const char *path, const char *target);

/* The real folder that the text of a link at `path` leads to first. */
int link_folder(const struct library *library, const char *path,
		const char *text, char **folder);

#endif
