/*
 * A charge point as OCPP 1.6-J describes it: link, boot, heartbeat, status, sessions, meter values,
 * charging profiles, the queue of transaction-related messages, answers to the central system.
 *
 * A point lives on simulated time (env.h), acts on its one timer and on what its link tells it, and
 * keeps everything in memory; "survives a reboot" means: is not thrown away by one.
 */
#ifndef CMD_NOXSIM_POINT_H
#define CMD_NOXSIM_POINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/noxsim/env.h"
#include "cmd/noxsim/recording.h"
#include "cmd/noxsim/site.h"
#include "cmd/noxsim/vehicle.h"

struct point;

struct point_options {
    struct env *env;                 /* lent for life */
    const struct site_station *site; /* lent for life */
    uint64_t seed;
    int64_t connect_ms; /* first connection, simulated */
    int64_t calm_ms;    /* no fault before */
    bool fails_install; /* firmware is downloaded and does not start */
};

/** @return NULL when out of memory */
struct point *point_new(const struct point_options *options);
void point_free(struct point *point);

/* --- from the street --- */

/* A car comes to a free outlet and its driver presents a tag. */
struct point_arrival {
    const struct vehicle_model *model;
    int64_t soc_wh, goal_wh;
    int64_t stay_ms;
    const char *tag; /* lent for life of the point */
};
size_t point_outlets(const struct point *point);
/* Nothing plugged in, in operation, and the station runs. */
bool point_is_free(const struct point *point, size_t outlet);
void point_arrive(struct point *point, size_t outlet, const struct point_arrival *arrival);

/**
 * Charge as recorded: each session of the chain (recorded.next) begins and ends at its recorded
 * instants on the station's clock, at once if these are past.
 * @param first  lent, with its tags, until point_replays() says no
 */
void point_replay(struct point *point, size_t outlet, const struct recorded *first);
bool point_replays(const struct point *point, size_t outlet);

/* The simulation ends: running sessions are stopped with the reason Reboot, no car comes any more.
 * What is then in the queue can still be delivered. */
void point_end(struct point *point);
/* Nothing more can be delivered: point_is_quiet(), or without a link and nothing in the queue. */
bool point_has_ended(const struct point *point);

/* The meter of an outlet, Wh, between sessions or in one that is not recorded. */
int64_t point_register_wh(const struct point *point, size_t outlet);
/* Only before anything happened. @param wh  >= 0 */
void point_set_register_wh(struct point *point, size_t outlet, int64_t wh);

/* The local authorization list, kept in a file of the station's own; written only after a change.
 * @return false with one sentence */
bool point_local_list_changed(const struct point *point);
bool point_read_local_list(struct point *point, const char *path, char *ret_text, size_t size);
bool point_write_local_list(struct point *point, const char *path, char *ret_text, size_t size);

/* Nothing is queued, nothing unanswered. */
bool point_is_quiet(const struct point *point);
bool point_is_accepted(const struct point *point);
bool point_is_charging(const struct point *point, size_t outlet);
bool point_has_car(const struct point *point, size_t outlet);
/* Transaction-related messages that wait. */
size_t point_waiting(const struct point *point);
/* UTC of the station's clock. */
int64_t point_utc_ms(const struct point *point);

/* --- from its link --- */

void point_on_up(struct point *point);
void point_on_text(struct point *point, const char *text, size_t len);
void point_on_down(struct point *point, const char *why);

#endif
