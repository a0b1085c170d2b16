/*
 * The ceiling: the least that a durable central system on these libraries must do, on one thread.
 *
 * libwebsockets, jansson parses each message, one SQLite row holds it (WAL, synchronous=FULL).  All
 * that is read in one round of the loop is one transaction; the answers go out after its commit.
 */
#include <getopt.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/ref.h"

struct answer {
    struct lws *wsi; /* NULL when the connection went away before the commit */
    char id[REF_ID_MAX];
};

struct ceiling {
    sqlite3 *db;
    sqlite3_stmt *insert, *begin, *commit;
    struct answer *answer; /* what this round has read and not yet committed */
    size_t n_answers, room;
    int64_t n_stations;
};

struct session {
    struct ref_input input;
    int64_t station;
};

/* The callbacks of libwebsockets and libev find it here: one server, one thread. */
static struct ceiling ceiling;

static const char *const setup_sql =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE message (message_id INTEGER PRIMARY KEY, station_id INTEGER NOT NULL,"
    " received_at_ms INTEGER NOT NULL, action TEXT NOT NULL, text TEXT NOT NULL) STRICT";

static bool db_open(struct ceiling *c, const char *path)
{
    static const char *const insert_sql =
        "INSERT INTO message (station_id, received_at_ms, action, text) VALUES (?, ?, ?, ?)";
    return sqlite3_open(path, &c->db) == SQLITE_OK &&
           sqlite3_exec(c->db, setup_sql, NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(c->db, insert_sql, -1, &c->insert, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(c->db, "BEGIN", -1, &c->begin, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(c->db, "COMMIT", -1, &c->commit, NULL) == SQLITE_OK;
}

static void db_close(struct ceiling *c)
{
    sqlite3_finalize(c->insert);
    sqlite3_finalize(c->begin);
    sqlite3_finalize(c->commit);
    sqlite3_close(c->db);
}

static bool step(sqlite3_stmt *q)
{
    bool ok = sqlite3_step(q) == SQLITE_DONE;
    return sqlite3_reset(q) == SQLITE_OK && ok;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool keep_message(struct ceiling *c, int64_t station, const char *action, const char *text,
                         size_t len)
{
    if (sqlite3_get_autocommit(c->db) && !step(c->begin))
        return false;
    sqlite3_bind_int64(c->insert, 1, station);
    sqlite3_bind_int64(c->insert, 2, now_ms());
    sqlite3_bind_text(c->insert, 3, action, -1, SQLITE_STATIC);
    sqlite3_bind_text(c->insert, 4, text, (int)len, SQLITE_STATIC);
    return step(c->insert);
}

static bool remember_answer(struct ceiling *c, struct lws *wsi, const char *id)
{
    if (c->n_answers == c->room) {
        size_t room = c->room == 0 ? 1024 : 2 * c->room;
        struct answer *grown = realloc(c->answer, room * sizeof(*grown));
        if (grown == NULL)
            return false;
        c->answer = grown;
        c->room = room;
    }
    struct answer *a = &c->answer[c->n_answers++];
    a->wsi = wsi;
    snprintf(a->id, sizeof(a->id), "%s", id);
    return true;
}

static bool on_message(struct ceiling *c, struct session *s, struct lws *wsi, const char *text,
                       size_t len)
{
    json_t *root = json_loadb(text, len, 0, NULL);
    const char *id = json_string_value(json_array_get(root, 1));
    const char *action = json_string_value(json_array_get(root, 2));
    bool ok = id != NULL && strlen(id) < REF_ID_MAX && action != NULL &&
              json_is_object(json_array_get(root, 3)) &&
              keep_message(c, s->station, action, text, len) && remember_answer(c, wsi, id);
    json_decref(root);
    return ok;
}

static void forget_answers(struct ceiling *c, const struct lws *wsi)
{
    for (size_t i = 0; i < c->n_answers; i++)
        if (c->answer[i].wsi == wsi)
            c->answer[i].wsi = NULL;
}

/* Before the loop goes to sleep: make the round durable, then tell the stations. */
static void on_round_end(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    (void)loop, (void)watcher, (void)events;
    struct ceiling *c = &ceiling;
    if (c->n_answers == 0)
        return;
    if (!step(c->commit)) {
        fprintf(stderr, "commit: %s\n", sqlite3_errmsg(c->db));
        exit(1);
    }
    for (size_t i = 0; i < c->n_answers; i++)
        if (c->answer[i].wsi != NULL && !ref_answer(c->answer[i].wsi, c->answer[i].id))
            lws_set_timeout(c->answer[i].wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    c->n_answers = 0;
}

static bool on_receive(struct ceiling *c, struct session *s, struct lws *wsi, const char *in,
                       size_t len)
{
    const char *text;
    size_t text_len;
    if (!ref_input_add(&s->input, wsi, in, len, &text, &text_len))
        return true;
    bool ok = on_message(c, s, wsi, text, text_len);
    ref_input_done(&s->input);
    return ok;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct session *s = user;
    switch ((int)reason) {
    case LWS_CALLBACK_ESTABLISHED:
        s->station = ++ceiling.n_stations;
        return 0;
    case LWS_CALLBACK_RECEIVE:
        return on_receive(&ceiling, s, wsi, in, len) ? 0 : -1;
    case LWS_CALLBACK_CLOSED:
        forget_answers(&ceiling, wsi);
        ref_input_done(&s->input);
        return 0;
    default:
        return 0;
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "port", required_argument, NULL, 'p' },
        { "db", required_argument, NULL, 'd' },
        { NULL, 0, NULL, 0 },
    };
    const char *path = NULL;
    int port = 0, opt;
    while ((opt = getopt_long(argc, argv, "p:d:", options, NULL)) != -1) {
        if (opt == 'p')
            port = (int)strtol(optarg, NULL, 10);
        else if (opt == 'd')
            path = optarg;
        else
            path = NULL, optind = argc + 1;
    }
    if (path == NULL || optind != argc) {
        fprintf(stderr, "usage: ref_ceiling --db NEW-FILE [--port P]\n");
        return 2;
    }
    if (!db_open(&ceiling, path)) {
        fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(ceiling.db));
        return 1;
    }
    ev_prepare round_end;
    struct ev_loop *loop = ev_default_loop(0);
    ev_prepare_init(&round_end, on_round_end);
    ev_prepare_start(loop, &round_end);
    int rc = ref_serve(loop, on_event, sizeof(struct session), 2048, port);
    db_close(&ceiling);
    free(ceiling.answer);
    return rc;
}
