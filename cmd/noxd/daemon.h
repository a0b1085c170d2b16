/*
 * noxd as a whole: what is started in which order, what is handed to whom, and the way to the end.
 *
 *   data folder and its lock, database, live state from the database, listeners, admin, "ready";
 *   on TERM: no new sockets and no more messages, what is under way is committed and answered,
 *   stations are closed with 1001, the loop ends, the database is closed.
 */
#ifndef CMD_NOXD_DAEMON_H
#define CMD_NOXD_DAEMON_H

#include "cmd/noxd/config.h"

/** Run until a signal ends it. @return exit code of the process */
int daemon_run(const struct config *config);

/** --check: files and database. @return exit code; one sentence on stdout or stderr */
int daemon_check(const struct config *config);

#endif
