/*
 * .groovefs/: what the mount reports about itself, as files whose size is known
 * before they are opened, and one stream (events.h).
 */
#ifndef FS_CONTROL_H
#define FS_CONTROL_H

#include <stddef.h>
#include <stdint.h>

struct fs;
struct node;

#define CONTROL_FOLDER VIEW_CONTROL_FOLDER

/*
 * The node for ".groovefs" or a name in it, not in any table yet; NULL: no such
 * name.
 */
struct node *control_folder(struct fs *fs);
struct node *control_find(struct fs *fs, const char *name);

/* The names in the folder, by index; NULL: no more. */
const char *control_name(size_t index);

/* The file's current content, on the heap; NULL: no memory. */
char *control_content(struct fs *fs, const struct node *node);

#endif
