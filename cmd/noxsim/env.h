/*
 * What all stations of a street share: simulated time, timers, sockets, faults, counters, the grid.
 */
#ifndef CMD_NOXSIM_ENV_H
#define CMD_NOXSIM_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/noxsim/faults.h"
#include "cmd/noxsim/grid.h"
#include "cmd/noxsim/profiles.h"
#include "cmd/noxsim/quirks.h"
#include "cmd/noxsim/timers.h"
#include "cmd/noxsim/ws_client.h"

struct counters {
    uint64_t connects, connect_failures, disconnects, boots;
    uint64_t calls_sent, calls_answered, calls_refused, calls_unanswered;
    uint64_t retries;  /* transaction-related messages sent again */
    uint64_t given_up; /* transaction-related messages dropped after TransactionMessageAttempts */
    uint64_t requests_received, requests_answered, requests_refused, requests_odd;
    uint64_t profiles_accepted, profiles_rejected;
    uint64_t sessions_started, sessions_stopped, starts_confirmed, stops_confirmed;
    uint64_t tags_refused, cars, turned_away;
    uint64_t security_events;
    uint64_t lists_accepted, files_uploaded;
    uint64_t firmware_asked, firmware_installed, firmware_failed; /* asked: requests that came */
    int64_t energy_wh;                                            /* of stopped sessions */
    uint64_t fault[FAULT_END];
};

struct env {
    int64_t now_ms; /* simulated, since the start of the program; never runs backwards */
    int64_t warp;   /* simulated milliseconds per real one */
    struct timers timers;
    struct ws *ws;
    struct faults faults;
    struct grid grid;
    struct counters counters;
    int64_t utc_offset_ms; /* UTC of the central system less now_ms, once any station knows it */
    bool utc_known;
    bool status_has_time; /* StatusNotification carries a time stamp */
    bool meter_is_recorded;
    int32_t min_sample_interval_s;
    struct profile_limits profile_limits;
    uint32_t quirks;      /* set of enum quirk */
    struct ws_url url[2]; /* of the central system */
    size_t n_urls;
    const char *key_store, *ca_file, *manufacturer_file, *manufacturer_crl_file,
        *cpo_name; /* NULL = not given; lent */
    const char *serial_prefix;
    int64_t security_profile; /* -1 = what the rest says */
    int32_t hash_algorithm;   /* OCPP_HASH_ALGORITHM_* */
    bool uses_rsa, checks_roots, signed_firmware_only;
    bool tells_security; /* security events that nobody asked for */
    bool shows_frames;   /* on stdout */
    /* The central system called; NULL = nobody wants to know. */
    void (*on_request)(void *arg, const char *action);
    void *on_request_arg;
    int64_t list_max, list_per_message;    /* 0 = as the keys' table says */
    const char *vendor, *model, *firmware; /* what a BootNotification says; lent */
    char warning[360];                     /* something people should read, "" = nothing new */
};

/* A length of time that must not fall below a real one however fast simulated time runs. */
static inline int64_t env_at_least_ms(const struct env *env, int64_t simulated_ms, int64_t real_ms)
{
    return simulated_ms > real_ms * env->warp ? simulated_ms : real_ms * env->warp;
}

static inline bool env_has_quirk(const struct env *env, enum quirk quirk)
{
    return (env->quirks & 1U << quirk) != 0;
}

#endif
