/* What a driver or an operator tells of a session that runs: departure, energy, least current. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/views.h"
#include "ocpp/wire/iso8601.h"
#include "storage/billing/calendar.h"

enum {
    MINUTE_MS = 60000,
    DAY_MS = 86400000,
    DAYS_AHEAD = 7,
    MAX_WH = 1000000,
    MIN_MA = 6000, /* IEC 61851-1 */
    PRIORITY_MAX = 9,
    NOMINAL_V = 230,
};

/* The session that the path names. */
struct at {
    size_t i, k;
    struct central_connector_view view;
};

/* --- which session --- */

static enum store_rc read_ended(struct question *q, struct reader *db);

/* It may have ended, or be none at all: the database knows. */
static void fail_not_open(struct request *r)
{
    request_ask(r, read_ended, NULL, NULL);
}

static bool take_ended(void *arg, const struct store_session *session)
{
    *(int64_t *)arg = session->stopped_at_ms;
    return true;
}

static enum store_rc read_ended(struct question *q, struct reader *db)
{
    const char *name = q->request->param[0];
    char ended[26];
    int64_t stopped_ms = 0;
    enum store_rc rc = reader_session(db, strtoll(name, NULL, 10), take_ended, &stopped_ms);
    if (rc != STORE_OK)
        return rc;
    if (stopped_ms == 0) {
        snprintf(q->text, sizeof(q->text),
                 "there is no session %.40s; 'noxctl session list --state active' lists those that "
                 "run",
                 name);
        return STORE_MISSING;
    }
    if (stopped_ms == STORE_ABSENT) {
        snprintf(q->text, sizeof(q->text), "session %.40s has just begun; try again", name);
        return STORE_CONFLICT;
    }
    cal_format_local(stopped_ms, ended);
    snprintf(q->text, sizeof(q->text),
             "session %.40s ended at %.16s: a need is told while it runs; 'noxctl session list "
             "--state active' lists those that do",
             name, ended);
    return STORE_CONFLICT;
}

/* A station without a session, but with a remote start that has not begun. */
static bool find_pending(struct request *r, size_t station, struct at *ret)
{
    const struct central *c = r->admin->options.central;
    ret->i = station;
    for (ret->k = 0; central_connector_view(c, station, ret->k, admin_now(r->admin), &ret->view);
         ret->k++)
        if (ret->view.start_tag != NULL)
            return true;
    return false;
}

/* A number is a session first; else the path names a station with one open session. */
static bool find(struct request *r, bool or_pending, struct at *ret)
{
    const struct central *c = r->admin->options.central;
    const char *name = r->param[0];
    char *end;
    size_t station, n = 0;
    int64_t tx_id = strtoll(name, &end, 10);
    bool is_number = *end == '\0' && tx_id > 0;
    if (is_number)
        n = central_session_find(c, NULL, tx_id, &ret->i, &ret->k);
    bool is_station = n == 0 && central_station_find(c, name, &station);
    if (is_station)
        n = central_session_find(c, name, 0, &ret->i, &ret->k);
    if (n == 0 && is_station && or_pending && find_pending(r, station, ret))
        return true;
    if (n == 1)
        return central_connector_view(c, ret->i, ret->k, admin_now(r->admin), &ret->view);
    if (n > 1)
        request_fail(r, 409, "several", NULL,
                     "station %.40s has %zu sessions: name one by its number ('noxctl connector "
                     "list --station %.40s')",
                     name, n, name);
    else if (is_station)
        request_fail(r, 409, "no-session", NULL,
                     "no session runs at station %.40s: start it first, or give --depart and "
                     "--energy to 'noxctl station start'",
                     name);
    else if (is_number)
        fail_not_open(r);
    else
        request_fail(r, 404, "not-found", NULL,
                     "there is no session and no station %.40s; 'noxctl session list --state "
                     "active' lists sessions",
                     name);
    return false;
}

/* --- the departure: an instant, "+8h", or the next "07:00" of the local clock --- */

static bool digits(const char **p, int64_t *ret)
{
    const char *from = *p;
    for (*ret = 0; **p >= '0' && **p <= '9' && *p - from < 6; (*p)++)
        *ret = *ret * 10 + (**p - '0');
    return *p > from;
}

static bool parse_after(const char *text, int64_t now_ms, int64_t *ret_ms)
{
    int64_t n, after_ms = 0;
    const char *p = text + 1;
    if (text[0] != '+' || *p == '\0')
        return false;
    while (*p != '\0') {
        if (!digits(&p, &n) || (*p != 'h' && *p != 'm' && *p != 'd'))
            return false;
        after_ms += n * MINUTE_MS * (*p == 'd' ? 1440 : *p == 'h' ? 60 : 1);
        p++;
    }
    *ret_ms = now_ms + after_ms;
    return true;
}

static bool parse_clock(const char *text, int64_t now_ms, int64_t *ret_ms)
{
    int64_t hour, minute;
    const char *p = text;
    if (!digits(&p, &hour) || *p++ != ':' || !digits(&p, &minute) || *p != '\0' || hour > 23 ||
        minute > 59)
        return false;
    int64_t local_ms = now_ms + (int64_t)cal_offset_s(now_ms) * 1000;
    int64_t wall_ms = local_ms - local_ms % DAY_MS + (hour * 60 + minute) * MINUTE_MS;
    if (wall_ms <= local_ms)
        wall_ms += DAY_MS;
    /* The clock may be put on or back in between: the offset of then counts. */
    int64_t utc_ms = wall_ms - (int64_t)cal_offset_s(now_ms) * 1000;
    *ret_ms = wall_ms - (int64_t)cal_offset_s(utc_ms) * 1000;
    return true;
}

static bool read_depart(struct request *r, int64_t now_ms, int64_t *ret_ms)
{
    json_t *json = json_object_get(r->json, "depart");
    const char *text = json_string_value(json);
    char now[26];
    bool zone = false;
    if (json == NULL)
        return true;
    if (json_is_null(json)) {
        *ret_ms = STORE_ABSENT;
        return true;
    }
    if (text == NULL || (!parse_after(text, now_ms, ret_ms) && !parse_clock(text, now_ms, ret_ms) &&
                         !(ocpp_time_parse(text, ret_ms, &zone) && zone))) {
        request_fail(r, 422, "invalid-data", "depart",
                     "depart: must be a time like 07:00 (the next one), +8h, or "
                     "2026-10-31T06:00:00Z");
        return false;
    }
    cal_format_local(now_ms, now);
    if (*ret_ms <= now_ms)
        request_fail(r, 422, "invalid-data", "depart",
                     "depart: is in the past (it is %.16s now); give a time to come, or +8h", now);
    else if (*ret_ms > now_ms + (int64_t)DAYS_AHEAD * DAY_MS)
        request_fail(r, 422, "invalid-data", "depart",
                     "depart: is more than %d days ahead; give an earlier one, and again later",
                     DAYS_AHEAD);
    return *ret_ms > now_ms && *ret_ms <= now_ms + (int64_t)DAYS_AHEAD * DAY_MS;
}

/* --- the other members: not named, they stay; null takes them back --- */

static bool read_energy(struct request *r, int64_t *ret_wh)
{
    json_t *json = json_object_get(r->json, "energy_wh");
    if (json_is_null(json))
        *ret_wh = 0;
    if (json == NULL || json_is_null(json))
        return true;
    if (json_is_integer(json) && json_integer_value(json) > 0 &&
        json_integer_value(json) <= MAX_WH) {
        *ret_wh = json_integer_value(json);
        return true;
    }
    request_fail(r, 422, "invalid-data", "energy_wh",
                 "energy_wh: must be watt-hours of the whole session from 1 to %d; null takes back "
                 "what was told, DELETE (--clear) everything",
                 MAX_WH);
    return false;
}

static bool read_min(struct request *r, const struct at *at, int32_t *ret_ma)
{
    json_t *json = json_object_get(r->json, "min_a");
    if (json_is_null(json))
        *ret_ma = 0;
    if (json == NULL || json_is_null(json))
        return true;
    double amps = json_number_value(json);
    int32_t most_ma = at->view.rating_ma > 0 ? at->view.rating_ma : 80000;
    if (json_is_number(json) && amps * 1000 >= MIN_MA && amps * 1000 <= most_ma) {
        *ret_ma = (int32_t)lround(amps * 1000);
        return true;
    }
    request_fail(r, 422, "invalid-data", "min_a",
                 "min_a: must be amperes from %d (less is no charging, IEC 61851) to %d, the "
                 "station's rating",
                 MIN_MA / 1000, (int)(most_ma / 1000));
    return false;
}

static bool read_priority(struct request *r, int32_t *ret_priority)
{
    json_t *json = json_object_get(r->json, "priority");
    int64_t value = json_integer_value(json);
    if (json_is_null(json))
        *ret_priority = -1;
    if (json == NULL || json_is_null(json))
        return true;
    if (json_is_integer(json) && value >= 0 && value <= PRIORITY_MAX) {
        *ret_priority = (int32_t)value;
        return true;
    }
    request_fail(r, 422, "invalid-data", "priority",
                 "priority: must be a whole number from 0 to %d; larger is served first",
                 PRIORITY_MAX);
    return false;
}

static bool read_need(struct request *r, const struct at *at, struct store_need *n)
{
    static const char *const names[] = { "depart", "energy_wh", "min_a", "priority" };
    if (!route_only_members(r, names, sizeof(names) / sizeof(names[0])))
        return false;
    if (json_object_size(r->json) == 0) {
        request_fail(r, 422, "invalid-data", "depart",
                     "nothing was told: give depart, energy_wh, min_a or priority");
        return false;
    }
    return read_depart(r, n->told_at_ms, &n->depart_at_ms) && read_energy(r, &n->energy_wh) &&
           read_min(r, at, &n->min_ma) && read_priority(r, &n->priority);
}

static struct store_need told_so_far(const struct at *at)
{
    const struct central_need *told = &at->view.need;
    bool has_depart = told->told && told->need.depart_ms > 0;
    return (struct store_need){ .depart_at_ms = has_depart ? told->need.depart_ms : STORE_ABSENT,
                                .energy_wh = told->told ? told->need.energy_wh : 0,
                                .min_ma = told->told ? told->need.min_ma : 0,
                                .priority = told->told ? told->need.priority : -1 };
}

/* --- the answer --- */

struct wish {
    struct request *r;
    struct store_need need;
    bool cleared;
};

static int n_phases(uint8_t phases)
{
    return (phases & 1) + (phases >> 1 & 1) + (phases >> 2 & 1);
}

/* What the driver should know at once. */
static void put_note(const struct central_connector_view *v, int64_t now_ms, struct ocpp_text *out)
{
    const struct sched_need *n = &v->need.need;
    char note[200] = "";
    int64_t received_wh = v->energy_wh != STORE_ABSENT ? v->energy_wh : 0;
    int64_t rest_wh = n->energy_wh - received_wh;
    int phases = v->balanced && n_phases(v->point.phases) > 0 ? n_phases(v->point.phases) : 3;
    int64_t most_w = (int64_t)v->rating_ma * phases * NOMINAL_V / 1000;
    if (!v->need.told)
        ;
    else if (!v->balanced)
        snprintf(note, sizeof(note),
                 "the station hangs on no grid node: nothing is planned for it");
    else if (n->depart_ms > 0 && n->energy_wh == 0)
        snprintf(note, sizeof(note),
                 "without the energy that is needed the departure changes "
                 "nothing: tell it, too");
    else if (n->depart_ms == 0 && n->energy_wh > 0)
        snprintf(note, sizeof(note),
                 "without a departure the energy changes nothing: tell it, too");
    else if (n->energy_wh > 0 && rest_wh <= 0)
        snprintf(note, sizeof(note), "it has received as much already");
    else if (n->energy_wh > 0 && n->depart_ms > now_ms &&
             rest_wh * 3600000 / (n->depart_ms - now_ms) > most_w)
        snprintf(note, sizeof(note),
                 "that is more than the station can give until then: %.1f kWh at most",
                 (double)most_w * (double)(n->depart_ms - now_ms) / 3.6e9);
    if (note[0] != '\0')
        jout_text(out, "note", note);
    else
        jout_null(out, "note");
}

static void answer(struct request *r, int64_t tx_id)
{
    const struct central *c = r->admin->options.central;
    struct instant now = admin_now(r->admin);
    struct central_connector_view v;
    size_t i, k;
    if (central_session_find(c, NULL, tx_id, &i, &k) == 0 ||
        !central_connector_view(c, i, k, now, &v)) {
        fail_not_open(r);
        return;
    }
    jout_open(&r->out, NULL, '{');
    jout_int(&r->out, "tx_id", tx_id);
    jout_text(&r->out, "station", v.station);
    jout_int(&r->out, "connector", v.connector);
    view_need(&v.need, &r->out);
    jout_int(&r->out, "energy_wh", v.energy_wh);
    put_note(&v, now.utc_ms, &r->out);
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

static void on_written(void *arg, enum store_rc rc, const union store_result *result)
{
    struct wish *w = arg;
    struct request *r = w->r;
    struct admin *a = r->admin;
    if (rc != STORE_OK) {
        request_fail_rc(r, rc, "the need could not be kept", NULL);
    } else if (result->count.n == 0 && !w->cleared) {
        fail_not_open(r);
    } else {
        if (!a->closing) {
            central_session_need(a->options.central, &w->need, w->cleared, admin_now(a));
            loop_run_due(a->options.loop);
        }
        answer(r, w->need.tx_id);
    }
    free(w);
    request_unref(r);
}

static void write_need(struct request *r, const struct store_need *need, bool cleared)
{
    struct store *store = r->admin->options.store;
    struct wish *w = malloc(sizeof(*w));
    struct store_done done = { on_written, w };
    if (w == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    *w = (struct wish){ .r = r, .need = *need, .cleared = cleared };
    request_ref(r);
    bool taken =
        cleared ? store_need_clear(store, need->tx_id, done) : store_need(store, need, done);
    if (!taken) {
        free(w);
        admin_not_taken(r);
    }
}

static void keep_for_start(struct request *r, const struct at *at, const struct store_need *n)
{
    struct central_need need = {
        .told = true,
        .need = { .energy_wh = n->energy_wh, .min_ma = n->min_ma, .priority = n->priority },
        .told_at_ms = n->told_at_ms
    };
    if (n->depart_at_ms != STORE_ABSENT)
        need.need.depart_ms = n->depart_at_ms;
    snprintf(need.who, sizeof(need.who), "%s", n->who);
    central_next_need(r->admin->options.central, at->view.station, at->view.connector, n);
    jout_open(&r->out, NULL, '{');
    jout_null(&r->out, "tx_id");
    jout_text(&r->out, "station", at->view.station);
    jout_int(&r->out, "connector", at->view.connector);
    view_need(&need, &r->out);
    jout_null(&r->out, "energy_wh");
    jout_text(&r->out, "note", "it counts when the session that was started has begun");
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

void route_session_need(struct request *r)
{
    struct at at;
    if (!find(r, true, &at))
        return;
    struct store_need need = told_so_far(&at);
    need.tx_id = at.view.tx_id;
    need.told_at_ms = admin_now(r->admin).utc_ms;
    need.who = request_who(r);
    need.why = request_why(r);
    if (!read_need(r, &at, &need))
        return;
    if (at.view.tx_id == 0)
        keep_for_start(r, &at, &need);
    else if (admin_can_write(r))
        write_need(r, &need, false);
}

void route_session_need_clear(struct request *r)
{
    struct at at;
    if (find(r, false, &at) && admin_can_write(r))
        write_need(r, &(struct store_need){ .tx_id = at.view.tx_id }, true);
}
