/*
 * A worker that lies: it says hello, as one of PROTOCOL, and then answers every
 * task with reports on others, for ever.
 */
#include "transcode/protocol.h"

#include <string.h>
#include <sys/socket.h>

int main(void)
{
	struct report report;
	struct worker_task task;

	memset(&report, 0, sizeof(report));
	report.kind = REPORT_HELLO;
	report.protocol = PROTOCOL;
	send(WORKER_SOCKET_FD, &report, sizeof(report), MSG_NOSIGNAL);
	if (recv(WORKER_SOCKET_FD, &task, sizeof(task), 0) != sizeof(task))
		return 1;
	report.kind = REPORT_ALIVE;
	report.serial = task.serial + 1;
	while (send(WORKER_SOCKET_FD, &report, sizeof(report), MSG_NOSIGNAL) >
	       0)
		;
	return 0;
}
