/*
 * Files by HTTP on the listeners of stations: firmware out, diagnostics and logs in.
 *
 * A request names a one-time token; who made it (the port below) says what it is good for.  Bytes
 * go between the socket and the disk in bounded pieces, one piece of a transfer per turn of the
 * loop.
 */
#ifndef OCPP_SERVER_WS_FILES_H
#define OCPP_SERVER_WS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/server/file_request.h"

struct ws_server;

/* What a token is good for. */
struct ws_file_grant {
    int64_t job;
    bool is_upload;
    char path[600]; /* the file to be read; of an upload the one that grows */
    char etag[72];  /* with its quotes; "" = none */
};

/* Functions may be NULL when no file is ever offered. */
struct ws_file_port {
    void *arg;
    /* @return false: no such token, or it is over */
    bool (*find)(void *arg, const char *token, struct ws_file_grant *ret_grant);
    /* Is there room for an upload of `total` bytes?  @return 0, or 413, 503 or 507 with one
     * sentence
     */
    int (*room)(void *arg, int64_t job, uint64_t total, char *ret_text, size_t size);
    /* So much of `total` has moved. */
    void (*moved)(void *arg, int64_t job, uint64_t bytes, uint64_t total);
    /* All of it lies in the grant's path; ws_files_answer(ticket) is to follow. */
    void (*uploaded)(void *arg, int64_t job, const char *name, uint64_t ticket);
};

/* Answers an upload; nothing happens if the peer has gone meanwhile. */
void ws_files_answer(struct ws_server *w, uint64_t ticket, int status, const char *text);

/* Transfers under way. */
size_t ws_files_count(const struct ws_server *w);

#endif
