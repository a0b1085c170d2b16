/*
 * The folder DIR/files: firmware to be fetched by stations, uploads from them, one-time addresses.
 *
 * Loop's thread; what may take the disk long (hashing, fsync, unlink) is done by a worker of its
 * own.  Of a token only the SHA-256 is kept.
 */
#ifndef CMD_NOXD_FILES_H
#define CMD_NOXD_FILES_H

#include "ocpp/central/central.h"
#include "ocpp/server/loop.h"
#include "ocpp/server/ws_server.h"

struct files;

enum { FILES_PUBLIC_MAX = 4 };

struct files_options {
    const char *data; /* DIR; lent, like all texts, for the life of the files */
    struct loop *loop;
    struct store *store;
    const char *public_url[FILES_PUBLIC_MAX]; /* NULL behind the last */
    uint64_t upload_max_bytes, files_max_bytes;
    void *arg;
    void (*event)(void *arg, const char *name, enum store_severity severity, const char *text);
};

/** Makes the folders. @return NULL with one sentence */
struct files *files_new(const struct files_options *options, char *ret_text, size_t size);
/* At the end, before the store is closed: what is being stored is finished. */
void files_stop(struct files *f);
/* After the central; NULL is fine. */
void files_free(struct files *f);

/* Both are needed before the first transfer; also throws away what no job needs any more. */
void files_start(struct files *f, struct central *central, struct ws_server *ws);
/* For ws_options.files; before files_start(). */
struct ws_file_port files_port(struct files *f);
/* From loop_options.on_wake. */
void files_on_wake(struct files *f);

/* --- central_port --- */
bool files_offer(struct files *f, void *link, struct central_offer *offer);
void files_job_changed(struct files *f, const struct store_file_job *job);

/* --- for the admin API; the first two from any thread --- */

/* A firmware that is being sent in pieces; id: 16 hexadecimal digits. */
void files_piece_path(const struct files *f, const char *id, char *ret_path, size_t size);
void files_upload_path(const struct files *f, const char *file, char *ret_path, size_t size);
void files_firmware_path(const struct files *f, const char *sha256, char *ret_path, size_t size);
/* Is there room for so many bytes more, and 256 MiB of the disk beside?  Old uploads make way.
 * false with one sentence */
bool files_make_room(struct files *f, uint64_t bytes, char *ret_text, size_t size);
/* So many bytes of firmware are there now, or have gone. */
void files_used(struct files *f, int64_t bytes);
/* Remove an upload; its job forgets it. @return false: there is none */
bool files_remove(struct files *f, const char *file, struct store_done done);
/* Remove a firmware's file. */
void files_remove_firmware(struct files *f, const char *sha256, uint64_t bytes);

struct files_view {
    uint64_t used, max, upload_max;
    size_t uploads, transfers;
};
void files_view(const struct files *f, struct files_view *ret_view);

#endif
