/*
 * A central system without sockets and without a clock, for tests: ocpp/central over an inline
 * store, stations that are a few lines of JSON, time that is a number.
 */
#ifndef TESTS_SCENARIO_WORLD_H
#define TESTS_SCENARIO_WORLD_H

#include <jansson.h>
#include <stdbool.h>

#include "ocpp/central/central.h"

enum { WORLD_NAME = 64, WORLD_STATIONS = 512 };

/* What a simulated station heard and how it reacts to requests. */
struct world_station {
    char id[WORLD_NAME];
    struct session *session; /* NULL = not connected */
    uint64_t link;           /* identity of the socket; 0 = none */
    json_t *answers;         /* array of frames (CALLRESULT, CALLERROR) not yet looked at */
    json_t *requests;        /* array of CALL frames not yet looked at */
    json_t *policy;          /* action -> status text, or "nothing", or "CALLERROR" */
    int last_close;          /* code of the last close by the central system, 0 = none */
    unsigned next_id;
};

struct world {
    char dir[128]; /* temporary folder with the database */
    char db[160];
    struct store *store;
    struct central *central;
    struct instant now;
    struct world_station station[WORLD_STATIONS];
    size_t n_stations;
    bool storage_stalls; /* jobs are not executed until it works again */
    json_t *events;      /* names of events, newest last */
    json_t *replies;     /* outcomes of operator calls, newest last */

    /* certificates: a request is the text "csr CN", signed it is "signed csr CN"; "bad" is no
     * request */
    int32_t cert_policy; /* for the next start; 0 = manual */
    bool cannot_sign;    /* there is no CA */
    bool signing_fails;  /* the CA says no */
    json_t *to_judge, *to_sign;

    uint64_t next_link;
    /* Called for each CALL of the central system before the policy; true = handled. */
    bool (*on_call)(struct world *w, struct world_station *s, const char *id, const char *action,
                    json_t *payload);
    void *user;
};

bool world_open(struct world *w, int64_t start_ms);
/* With a database that was closed, and what it says. */
bool world_open_copy(struct world *w, int64_t start_ms, const void *db, size_t size);
void world_close(struct world *w);
/* Everything in memory is lost as by kill -9; the database stays. */
bool world_restart(struct world *w);

/* After a restart: the database may have lost what was given in the last 17 minutes. */
void world_doubt(struct world *w);

/* Configuration, by the same records that `noxctl apply` brings. */
bool world_apply(struct world *w, const struct store_site *site, char *ret_text, size_t size);

/* The live state follows the database, as after a change that was written. */
bool world_follow(struct world *w, char *ret_text, size_t size);

struct world_station *world_station(struct world *w, const char *id); /* finds or makes */
bool world_connect(struct world *w, struct world_station *s);
void world_disconnect(struct world *w, struct world_station *s);
/* Sends one frame as text; pumps the store unless it stalls. */
void world_send(struct world *w, struct world_station *s, const char *text);
/* Sends a CALL with a new id; payload is not kept. */
void world_call(struct world *w, struct world_station *s, const char *action, json_t *payload);
/* The station shows a client certificate, named by a fingerprint. */
void world_show(struct world *w, struct world_station *s, const char *fingerprint,
                int64_t not_before_ms);
/* Executes what the store has and lets time stand. */
void world_pump(struct world *w);
/* Moves time in steps to each deadline in between. */
void world_after(struct world *w, int64_t ms);

/* A signed firmware, number 1, version v2, that fits every station. */
extern const struct store_firmware world_firmware;

#endif
