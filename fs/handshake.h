/* The kernel's first request, INIT, which settles the protocol of a mount. */
#ifndef FS_HANDSHAKE_H
#define FS_HANDSHAKE_H

struct fuse_session;

/*
 * For a session that was mounted. The mount works only if both sides agree: 0,
 * or -errno after a log line.
 */
int handshake(struct fuse_session *session);

#endif
