/*
 * What the kernel was told of folders. It checks who may go through a folder by
 * what it was told last, for as long as that is good (fs->timeout), and so
 * would let in who has just been locked out. So with allow_other, opening looks
 * at each folder on the way again.
 */
#ifndef FS_TOLD_H
#define FS_TOLD_H

#include <sys/stat.h>

struct fs;
struct node;

/* The kernel is about to be told this of a node. */
void told_note(struct node *node, const struct stat *st);

/*
 * Whether the folders above a node, and a folder itself, are as the kernel
 * believes. -ESTALE: it was told to look again, and does so when it hears this.
 */
int told_check(struct fs *fs, const struct node *node);

#endif
