/*
 * The table of nodes that the kernel knows. A node lives as long as the kernel
 * counts lookups of it or somebody holds a reference (an open handle, a request
 * in flight).
 *
 * Its number is a hash of its path and version with a seed of this mount, so no
 * two files ever share a number, and a file that is found again gets the number
 * it had. Somebody who keeps a number longer than the kernel (an NFS server,
 * whose file handles consist of it and the generation) asks for its path, which
 * the table remembers: see forgotten.h.
 */
#ifndef FS_NODES_H
#define FS_NODES_H

#include "library/library.h"

#include <stdint.h>

enum { NODE_ROOT_NUMBER = 1 }; /* FUSE's own */

struct nodes;

struct nodes *nodes_create(void); /* NULL: no memory */

/* Frees every node, whatever its counts: the kernel is gone. */
void nodes_destroy(struct nodes *nodes);

/*
 * Enters `made` with one more lookup: gives the node in the table if it has the
 * same version, otherwise `made` itself, which replaces that one. Takes
 * ownership of `made` in any case. NULL: no memory (then `made` is freed).
 */
struct node *nodes_enter(struct nodes *nodes, struct node *made);

/* The node with this number that the kernel knows: it must exist. */
struct node *nodes_find(struct nodes *nodes, uint64_t number);

/*
 * By a number of any age, with one more lookup. NULL: there is no such node
 * now.
 */
struct node *nodes_find_again(struct nodes *nodes, uint64_t number);

/* The path that it has or had, on the heap; NULL: not known, or no memory. */
char *nodes_mount_path(struct nodes *nodes, uint64_t number);

void nodes_forget(struct nodes *nodes, struct node *node, uint64_t lookups);
void nodes_ref(struct nodes *nodes, struct node *node);

/* By a number of any age, with a reference. NULL: there is no such node now. */
struct node *nodes_hold(struct nodes *nodes, uint64_t number);

/* The same, by a folder's path in the mount. */
struct node *nodes_hold_folder(struct nodes *nodes, const char *mount_path);

/* NULL is allowed. */
void nodes_unref(struct nodes *nodes, struct node *node);
uint64_t nodes_count(struct nodes *nodes);

#endif
