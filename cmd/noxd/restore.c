/* What was going on when noxd ended, read record by record into the central system. */
#include "cmd/noxd/restore.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t DAY_MS = 86400000;

static void later_of(int64_t *newest_ms, int64_t at_ms)
{
    if (at_ms != STORE_ABSENT && at_ms != INT64_MAX && at_ms > *newest_ms)
        *newest_ms = at_ms;
}

static bool see_session(void *arg, const struct store_session *s)
{
    later_of(arg, s->started_at_ms);
    later_of(arg, s->stopped_at_ms);
    later_of(arg, s->received_start_at_ms);
    later_of(arg, s->received_stop_at_ms);
    later_of(arg, s->last_sample_at_ms);
    return true;
}

static bool see_event(void *arg, int64_t seq, const struct store_event *event)
{
    (void)seq;
    later_of(arg, event->at_ms);
    return true;
}

int64_t restore_newest(struct reader *reader)
{
    int64_t newest_ms = STORE_ABSENT;
    struct reader_session_filter sessions = { .from_ms = STORE_ABSENT,
                                              .to_ms = STORE_ABSENT,
                                              .limit = 100 };
    struct reader_session_filter active = { .state = STORE_SESSION_ACTIVE,
                                            .from_ms = STORE_ABSENT,
                                            .to_ms = STORE_ABSENT };
    struct reader_event_filter events = { .limit = 100 };
    const struct store_site *site;
    reader_sessions(reader, &sessions, see_session, &newest_ms);
    reader_sessions(reader, &active, see_session, &newest_ms);
    reader_events(reader, &events, see_event, &newest_ms);
    if (reader_site(reader, &site) == STORE_OK)
        for (size_t i = 0; i < site->n_stations; i++) {
            later_of(&newest_ms, site->station[i].seen_at_ms);
            later_of(&newest_ms, site->station[i].booted_at_ms);
        }
    return newest_ms;
}

/* --- the live state --- */

static bool restore_cert(void *arg, const struct store_cert_request *request)
{
    const struct restore *r = arg;
    central_cert_restore(r->central, request, r->now);
    return true;
}

static bool restore_session(void *arg, const struct store_session *session)
{
    const struct restore *r = arg;
    central_restore_session(r->central, session, r->now);
    return true;
}

static bool restore_evidence(void *arg, const struct store_evidence *evidence)
{
    const struct restore *r = arg;
    central_restore_evidence(r->central, evidence, r->now);
    return true;
}

static bool restore_writes(void *arg, const struct reader_writes *writes)
{
    const struct restore *r = arg;
    central_restore_writes(r->central, writes->station, writes->connector, writes->n,
                           writes->hour_ms, r->now);
    return true;
}

static bool restore_lease(void *arg, const struct store_lease *lease)
{
    const struct restore *r = arg;
    central_restore_lease(r->central, lease, r->now);
    return true;
}

static bool restore_call(void *arg, const struct store_call *call)
{
    const struct restore *r = arg;
    if (call->is_whole && call->until_ms > r->now.utc_ms)
        central_restore_call(r->central, call, r->now);
    return true;
}

static bool restore_key(void *arg, const char *station, const char *key, const char *value)
{
    const struct restore *r = arg;
    central_restore_key(r->central, station, key, value);
    return true;
}

static bool restore_profile(void *arg, const struct store_profile *profile)
{
    const struct restore *r = arg;
    central_restore_profile(r->central, profile);
    return true;
}

static bool restore_reservation(void *arg, const struct store_reservation *reservation)
{
    const struct restore *r = arg;
    central_restore_reservation(r->central, reservation, r->now);
    return true;
}

static bool restore_reservations(const struct restore *r)
{
    struct reader_reservation_filter live = { .live = true };
    int64_t num, id;
    if (reader_reservation_max(r->reader, &num, &id) != STORE_OK)
        return false;
    central_reservation_numbers(r->central, num, id);
    return reader_reservations(r->reader, &live, restore_reservation, (void *)r) == STORE_OK &&
           reader_room_keys(r->reader, restore_key, (void *)r) == STORE_OK &&
           reader_profiles(r->reader, NULL, restore_profile, (void *)r) == STORE_OK;
}

static bool restore_cap(void *arg, const struct store_cap *cap)
{
    const struct restore *r = arg;
    central_restore_cap(r->central, cap, r->now);
    return true;
}

static bool restore_caps(const struct restore *r)
{
    int64_t last_id;
    if (reader_cap_max(r->reader, &last_id) != STORE_OK)
        return false;
    central_cap_number(r->central, last_id);
    return reader_caps(r->reader, true, 0, 0, restore_cap, (void *)r) == STORE_OK;
}

static bool restore_wish(void *arg, const struct store_key_wish *wish)
{
    central_restore_wish(((const struct restore *)arg)->central, wish);
    return true;
}

/* --- files: numbers, firmware, jobs, rollouts --- */

static bool restore_firmware(void *arg, const struct store_firmware *firmware)
{
    return central_firmware(((const struct restore *)arg)->central, firmware);
}

static bool restore_file_job(void *arg, const struct store_file_job *job)
{
    const struct restore *r = arg;
    central_restore_file_job(r->central, job, r->now);
    return true;
}

static bool restore_target_job(void *arg, const struct store_file_job *job)
{
    central_restore_target_job(((const struct restore *)arg)->central, job);
    return true;
}

static bool restore_target(void *arg, const struct store_rollout_target *target)
{
    central_restore_target(((const struct restore *)arg)->central, target);
    return true;
}

static bool restore_rollout(void *arg, const struct store_rollout *rollout)
{
    const struct restore *r = arg;
    central_restore_rollout(r->central, rollout);
    return reader_rollout_targets(r->reader, rollout->num, restore_target, (void *)r) == STORE_OK &&
           reader_rollout_jobs(r->reader, rollout->num, restore_target_job, (void *)r) == STORE_OK;
}

static bool restore_files(const struct restore *r)
{
    struct reader_file_max max;
    if (reader_file_max(r->reader, &max) != STORE_OK)
        return false;
    central_file_numbers(r->central, &max);
    if (reader_firmware(r->reader, 0, restore_firmware, (void *)r) != STORE_OK ||
        reader_open_file_jobs(r->reader, restore_file_job, (void *)r) != STORE_OK ||
        reader_rollouts(r->reader, 0, restore_rollout, (void *)r) != STORE_OK)
        return false;
    central_restore_rollouts_done(r->central, r->now);
    return true;
}

static bool restore_local_list(void *arg, const struct store_local_list *list)
{
    const struct restore *r = arg;
    central_restore_local_list(r->central, list);
    return true;
}

/* --- green hours --- */

struct known {
    struct store_quarter *quarter;
    size_t n, room;
};

static bool keep_quarter(void *arg, const struct store_quarter *quarter)
{
    struct known *k = arg;
    if (k->n == k->room) {
        size_t room = k->room > 0 ? 2 * k->room : 256;
        struct store_quarter *more = realloc(k->quarter, room * sizeof(*more));
        if (more == NULL)
            return false;
        k->quarter = more;
        k->room = room;
    }
    k->quarter[k->n++] = *quarter;
    return true;
}

static bool restore_series(const struct restore *r, enum store_series kind)
{
    struct known known = { .n = 0 };
    bool good = reader_series(r->reader, kind, r->now.utc_ms - STORE_QUARTER_MS, INT64_MAX,
                              keep_quarter, &known) == STORE_OK &&
                central_series(r->central, kind, known.quarter, known.n, r->now);
    free(known.quarter);
    return good;
}

bool restore_live(const struct restore *r, char *ret_text, size_t size)
{
    struct reader_session_filter active = { .state = STORE_SESSION_ACTIVE,
                                            .from_ms = STORE_ABSENT,
                                            .to_ms = STORE_ABSENT };
    struct reader_cert_request_filter open = { .open = true };
    const struct store_site *site;
    void *arg = (void *)r;
    snprintf(ret_text, size, "the database cannot be read");
    return reader_site(r->reader, &site) == STORE_OK &&
           central_configure(r->central, site, r->now, ret_text, size) &&
           reader_sessions(r->reader, &active, restore_session, arg) == STORE_OK &&
           reader_evidence(r->reader, restore_evidence, arg) == STORE_OK &&
           reader_writes(r->reader, r->now.utc_ms - DAY_MS, restore_writes, arg) == STORE_OK &&
           reader_leases(r->reader, r->now.utc_ms, restore_lease, arg) == STORE_OK &&
           restore_caps(r) && reader_local_lists(r->reader, restore_local_list, arg) == STORE_OK &&
           reader_queued_calls(r->reader, restore_call, arg) == STORE_OK &&
           restore_reservations(r) && reader_wishes(r->reader, restore_wish, arg) == STORE_OK &&
           reader_cert_requests(r->reader, &open, restore_cert, arg) == STORE_OK &&
           restore_files(r) && restore_series(r, STORE_SERIES_CO2) &&
           restore_series(r, STORE_SERIES_PRICE);
}
