/* The kernel's first request, INIT: which protocol a mount speaks. */
#ifndef FS_HANDSHAKE_H
#define FS_HANDSHAKE_H

struct fuse_session;

/*
 * Of a session that was mounted. Only when both sides agree is there a mount:
 * 0, or -errno after a log line.
 */
int handshake(struct fuse_session *session);

#endif
