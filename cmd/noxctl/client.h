/*
 * Questions to noxd: a path in, JSON or a sentence out, HTTP statuses turned into exit codes.
 */
#ifndef CMD_NOXCTL_CLIENT_H
#define CMD_NOXCTL_CLIENT_H

#include "cmd/noxctl/ctl.h"
#include "cmd/noxctl/http.h"

/** Exit code for an HTTP status and the `code` of noxd's error ("" if none). */
enum ctl_exit client_exit(int status, const char *code);

/* What came back.  json is NULL when the body is none; client_answer_done() frees. */
struct client_answer {
    enum ctl_exit exit;
    int status; /* of HTTP, 0 = none came */
    json_t *json;
    char code[48];      /* of noxd's error */
    char ocpp_code[48]; /* of a CALLERROR */
    char message[512];  /* for people, "" when all is well */
};

/**
 * Ask and wait; nothing is printed.
 *
 * @param body  lent, NULL = none
 */
void client_ask(const struct ctl *ctl, const char *method, const char *path, const json_t *body,
                struct client_answer *ret_answer);

/* PUT of bytes that are no JSON. */
void client_put(const struct ctl *ctl, const char *path, const char *bytes, size_t n,
                struct client_answer *ret_answer);

/* POST likewise. */
void client_post(const struct ctl *ctl, const char *path, const char *bytes, size_t n,
                 struct client_answer *ret_answer);

/* The same in two steps, for many questions at once. */
enum ctl_exit client_send(const struct ctl *ctl, const char *method, const char *path,
                          const json_t *body, int64_t timeout_ms, struct http_call *ret_call,
                          struct client_answer *ret_answer);
void client_receive(const struct ctl *ctl, struct http_call *call,
                    struct client_answer *ret_answer);
void client_answer_done(struct client_answer *answer);

/**
 * GET; complain on stderr when it fails.
 *
 * @param path_format  each %s is replaced by the next text, percent-encoded
 * @param ret_json  owned by the caller
 */
enum ctl_exit client_get(const struct ctl *ctl, json_t **ret_json, const char *path_format, ...);

/** POST, PUT, DELETE likewise.  @param ret_json may be NULL */
enum ctl_exit client_do(const struct ctl *ctl, const char *method, const json_t *body,
                        json_t **ret_json, const char *path_format, ...);

/**
 * Any request; the body of a good answer is passed on piece by piece.
 *
 * @param body  text, NULL = none
 */
enum ctl_exit client_stream(const struct ctl *ctl, const char *method, const char *path,
                            const char *body, http_sink *sink, void *arg);

/** Path of a format as in client_get(); free(). */
char *client_path(const char *format, ...);

#endif
