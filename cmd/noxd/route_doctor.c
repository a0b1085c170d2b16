/*
 * Doctor: gathers what is known of a station, has it judged, and answers.
 *
 * Live facts are copied on the loop, a ping is measured, then a worker adds what the database knows
 * and judges.  Of all stations at once likewise, without pings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include "cmd/noxd/doctor.h"
#include "cmd/noxd/frames.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/views.h"
#include "ocpp/central/security.h"

enum { EVENTS_MAX = 2000, CALLS_MAX = 1000 };
static const int64_t DAY_MS = 86400000;
static const int64_t DISK_LOW_BYTES = INT64_C(1) << 30;

/* What the loop knows of a station, copied. */
struct patient {
    char id[200], like[200], address[64], vendor[64], model[64], serial[64], firmware[64], cn[64];
    char violation[200], evidence[200];
    bool known, has_link, pinged, balanced;
    struct central_station_view view;
    struct doctor_connector connector[DOCTOR_CONNECTORS_MAX];
    size_t n_connectors;
    struct ws_link_info link;
    int64_t rtt_us, drift, reboots;
    char first_drift[120], list_state[24], list_unable[120];
};

/* What the database adds. */
struct history {
    struct doctor_connection connection[STORE_CONNECTIONS_KEPT];
    size_t n_connections;
    struct doctor_facts facts; /* its counts */
};

struct visit {
    struct request *request;
    bool all;
    int64_t now_ms;
    char url[160], tls_url[160]; /* of the first listener of each kind */
    struct alarms alarms;
    struct doctor_findings own; /* of noxd itself */
    struct doctor_refused *refused;
    size_t n_refused;
    size_t n_patients;
    struct patient patient[];
};

static void visit_free(struct visit *v)
{
    if (v != NULL)
        free(v->refused);
    free(v);
}

/* --- on the loop --- */

static const char *keep(char *room, size_t size, const char *text)
{
    snprintf(room, size, "%s", text != NULL ? text : "");
    return text != NULL ? room : NULL;
}

static void copy_connectors(struct admin *a, size_t i, struct patient *p)
{
    struct central_connector_view k;
    for (size_t n = 0; n < p->view.n_connectors && n < DOCTOR_CONNECTORS_MAX; n++) {
        if (!central_connector_view(a->options.central, i, n, admin_now(a), &k))
            break;
        struct doctor_connector *to = &p->connector[p->n_connectors++];
        to->number = k.connector;
        keep(to->status, sizeof(to->status), k.status);
        keep(to->error_code, sizeof(to->error_code), k.error_code);
        keep(to->info, sizeof(to->info), k.info);
    }
}

/* Keys that are not as the configuration wants them. */
static void copy_wishes(struct admin *a, size_t i, struct patient *p)
{
    struct store_key_wish wish;
    size_t n = central_wish_count(a->options.central, i);
    for (size_t k = 0; k < n; k++) {
        if (!central_wish_view(a->options.central, i, k, &wish))
            break;
        if (wish.state == STORE_KEY_NEEDS_REBOOT)
            p->reboots++;
        else if (wish.state > STORE_KEY_SAME && p->drift++ == 0)
            snprintf(p->first_drift, sizeof(p->first_drift), "%.60s (%s)", wish.key,
                     store_key_state_text(wish.state));
    }
}

static void copy_patient(struct admin *a, size_t i, struct patient *p)
{
    struct central_station_view *v = &p->view;
    p->known = central_station_view(a->options.central, i, v);
    if (!p->known)
        return;
    v->id = keep(p->id, sizeof(p->id), v->id);
    v->address = keep(p->address, sizeof(p->address), v->address);
    v->vendor = keep(p->vendor, sizeof(p->vendor), v->vendor);
    v->model = keep(p->model, sizeof(p->model), v->model);
    v->serial = keep(p->serial, sizeof(p->serial), v->serial);
    v->firmware = keep(p->firmware, sizeof(p->firmware), v->firmware);
    v->certificate_cn = keep(p->cn, sizeof(p->cn), v->certificate_cn);
    v->last_violation = p->violation;
    v->evidence = keep(p->evidence, sizeof(p->evidence), v->evidence);
    p->balanced = v->grid_node != NULL;
    v->district = v->grid_node = NULL;
    struct central_station_view fresh;
    if (central_station_view(a->options.central, i, &fresh))
        keep(p->violation, sizeof(p->violation), fresh.last_violation);
    copy_connectors(a, i, p);
    copy_wishes(a, i, p);
    struct central_local_list list;
    if (central_local_list_view(a->options.central, i, &list)) {
        keep(p->list_state, sizeof(p->list_state), list.state);
        keep(p->list_unable, sizeof(p->list_unable),
             list.unable != NULL ? list.unable : list.result);
    }
}

static struct visit *visit_new(struct request *r, size_t n)
{
    struct admin *a = r->admin;
    struct visit *v = calloc(1, sizeof(*v) + n * sizeof(v->patient[0]));
    if (v == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return NULL;
    }
    v->request = r;
    v->now_ms = admin_now(a).utc_ms;
    v->n_patients = n;
    view_alarms_forget(a);
    v->alarms = a->alarms;
    for (size_t i = a->options.n_urls; i-- > 0;) {
        bool tls = strncmp(a->options.url[i], "wss:", 4) == 0;
        keep(tls ? v->tls_url : v->url, sizeof(v->url), a->options.url[i]);
    }
    return v;
}

/* --- on a worker --- */

static bool take_refused(void *arg, const struct store_refused *last, int64_t count,
                         int64_t first_at_ms)
{
    struct visit *v = arg;
    struct doctor_refused *r = &v->refused[v->n_refused];
    bool concerns = v->all || v->n_refused < DOCTOR_REFUSED_MAX / 2 ||
                    doctor_is_similar(last->identity, v->patient[0].id);
    if (!concerns)
        return true;
    keep(r->identity, sizeof(r->identity), last->identity);
    keep(r->reason, sizeof(r->reason), last->reason);
    keep(r->detail, sizeof(r->detail), last->detail);
    keep(r->address, sizeof(r->address), last->address);
    r->count = count;
    r->first_at_ms = first_at_ms;
    r->last_at_ms = last->at_ms;
    return ++v->n_refused < DOCTOR_REFUSED_MAX;
}

static bool take_connection(void *arg, const struct store_connection *c)
{
    struct history *h = arg;
    struct doctor_connection *to = &h->connection[h->n_connections];
    keep(to->address, sizeof(to->address), c->address);
    keep(to->transport, sizeof(to->transport), c->transport);
    keep(to->reason, sizeof(to->reason), c->reason);
    to->opened_at_ms = c->opened_at_ms;
    to->closed_at_ms = c->closed_at_ms;
    to->code = c->code;
    return ++h->n_connections < STORE_CONNECTIONS_KEPT;
}

static bool take_event(void *arg, int64_t seq, const struct store_event *event)
{
    struct doctor_facts *f = arg;
    const struct {
        const char *name;
        int64_t *n;
    } counts[] = {
        { "station.boot", &f->boots_24h },
        { "call.timeout", &f->timeouts_24h },
        { "call.error", &f->errors_24h },
        { "station.violation", &f->violations_24h },
    };
    (void)seq;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (strcmp(event->name, counts[i].name) == 0)
            ++*counts[i].n;
    return true;
}

static bool take_call(void *arg, const struct store_call *call)
{
    (void)call;
    ++*(int64_t *)arg;
    return true;
}

static bool take_reservation(void *arg, const struct store_reservation *reservation)
{
    (void)reservation;
    ++*(int64_t *)arg;
    return true;
}

/* The newest, if it is under way. */
static bool take_file_job(void *arg, const struct store_file_job *job)
{
    struct doctor_facts *f = arg;
    if (job->state < STORE_FILE_DONE)
        snprintf(f->file_job, sizeof(f->file_job), "file job %lld is under way: %s",
                 (long long)job->id, job->status[0] != '\0' ? job->status : "not begun");
    return false;
}

static bool take_security(void *arg, const struct store_security_event *security)
{
    struct doctor_facts *f = arg;
    const struct security_type *type = security_type(security->type);
    if (type->severity == STORE_INFO) /* daily work: a lamp has started */
        return true;
    if (f->security_24h++ == 0) {
        keep(f->last_security, sizeof(f->last_security), security->type);
        keep(f->security_meaning, sizeof(f->security_meaning), type->meaning);
    }
    return true;
}

static enum store_rc read_history(struct reader *db, const struct visit *v, const char *id,
                                  struct history *h)
{
    struct doctor_facts *f = &h->facts;
    int64_t since_ms = v->now_ms - DAY_MS;
    struct reader_call_filter open = { .station = id,
                                       .outcome = STORE_CALL_OPEN,
                                       .limit = CALLS_MAX };
    struct reader_call_filter queued = open;
    struct reader_reservation_filter live = { .station = id, .live = true };
    struct reader_security_filter lately = { .station = id,
                                             .since_ms = since_ms,
                                             .limit = CALLS_MAX };
    struct reader_file_filter files = { .station = id, .limit = 1 };
    queued.outcome = STORE_CALL_QUEUED;
    enum store_rc rc = reader_connections(db, id, take_connection, h);
    if (rc == STORE_OK)
        rc = reader_station_events(db, id, since_ms, EVENTS_MAX, take_event, f);
    if (rc == STORE_OK)
        rc = reader_calls(db, &open, take_call, &f->open_calls);
    if (rc == STORE_OK)
        rc = reader_calls(db, &queued, take_call, &f->open_calls);
    if (rc == STORE_OK)
        rc = reader_reservations(db, &live, take_reservation, &f->reservations);
    if (rc == STORE_OK)
        rc = reader_file_jobs(db, &files, take_file_job, f);
    if (rc == STORE_OK)
        rc = reader_security(db, &lately, take_security, f);
    return rc;
}

static void complete_facts(const struct visit *v, const struct patient *p, struct history *h)
{
    struct doctor_facts *f = &h->facts;
    f->now_ms = v->now_ms;
    f->id = p->id;
    f->known = p->known;
    f->like = p->like[0] != '\0' ? p->like : NULL;
    f->station = p->view;
    f->balanced = p->balanced;
    const char *url = f->known && f->station.security_profile >= 2 ? v->tls_url : v->url;
    f->url = *url != '\0' ? url : NULL;
    f->has_link = p->has_link;
    f->link = p->link;
    f->drift = p->drift;
    f->reboots = p->reboots;
    keep(f->list_state, sizeof(f->list_state), p->list_state);
    keep(f->list_unable, sizeof(f->list_unable), p->list_unable);
    keep(f->first_drift, sizeof(f->first_drift), p->first_drift);
    f->pinged = p->pinged;
    f->rtt_us = p->rtt_us;
    f->connector = p->connector;
    f->n_connectors = p->n_connectors;
    f->refused = v->refused;
    f->n_refused = v->n_refused;
    f->connection = h->connection;
    f->n_connections = h->n_connections;
    f->alarms = &v->alarms;
}

/* --- the answer --- */

static void put_findings(struct ocpp_text *out, const struct doctor_findings *findings)
{
    jout_open(out, "findings", '[');
    for (size_t i = 0; i < findings->n; i++) {
        const struct doctor_finding *item = &findings->item[i];
        jout_open(out, NULL, '{');
        jout_text(out, "severity", doctor_severity_text(item->severity));
        jout_text(out, "code", item->code);
        jout_text(out, "text", item->text);
        jout_text_or_null(out, "next", item->next);
        jout_close(out, '}');
    }
    jout_close(out, ']');
}

static bool is_healthy(const struct doctor_findings *findings)
{
    return findings->n == 0 || findings->item[0].severity == DOCTOR_NOTE;
}

static void put_until(struct ocpp_text *out, const char *key, int64_t until_s)
{
    jout_time(out, key, until_s != 0 ? until_s * 1000 : STORE_ABSENT);
}

static void put_link(struct ocpp_text *out, const struct patient *p)
{
    char path[240];
    const struct ws_link_info *l = &p->link;
    snprintf(path, sizeof(path), "/ocpp/%s", p->id);
    jout_text(out, "path", path);
    jout_text(out, "subprotocol", l->no_subprotocol ? "none, taken for ocpp1.6" : "ocpp1.6");
    jout_text(out, "transport", l->tls ? "wss" : "ws");
    if (l->tls) {
        jout_text(out, "tls_version", l->tls_version);
        jout_text(out, "tls_suite", l->tls_suite);
        jout_text_or_null(out, "server_certificate", l->server_subject);
        put_until(out, "server_certificate_until", l->server_until_s);
        jout_text_or_null(out, "client_certificate", l->peer_subject);
        put_until(out, "client_certificate_until", l->peer_until_s);
    }
    if (p->pinged && p->rtt_us >= 0)
        jout_decimal(out, "ping_ms", p->rtt_us, 3);
    else
        jout_null(out, "ping_ms");
    jout_int(out, "silent_ms", l->silent_ms);
    jout_int(out, "connection", (int64_t)l->connection);
}

static void put_facts(struct ocpp_text *out, const struct patient *p, const struct history *h)
{
    const struct central_station_view *v = &p->view;
    jout_open(out, "facts", '{');
    jout_text(out, "identity", p->id);
    jout_bool(out, "known", p->known);
    if (p->known) {
        jout_bool(out, "online", v->online);
        if (p->has_link)
            put_link(out, p);
        jout_int(out, "security_profile", v->security_profile);
        jout_bool(out, "has_key", v->has_key);
        jout_text(out, "registration", view_registration(v->registration));
        jout_text_or_null(out, "address", v->address);
        jout_time(out, "connected_at", v->connected_at_ms);
        jout_time(out, "seen_at", v->seen_at_ms);
        jout_time(out, "booted_at", v->booted_at_ms);
        jout_int(out, "clock_skew_ms", v->clock_skew_ms);
        jout_text_or_null(out, "vendor", v->vendor);
        jout_text_or_null(out, "model", v->model);
        jout_text_or_null(out, "serial", v->serial);
        jout_text_or_null(out, "firmware", v->firmware);
        jout_int(out, "violations", (int64_t)v->violations);
        jout_int(out, "waiting_calls", (int64_t)v->queued_calls);
        jout_int(out, "open_calls", h->facts.open_calls);
        jout_int(out, "boots_24h", h->facts.boots_24h);
        jout_int(out, "timeouts_24h", h->facts.timeouts_24h);
        jout_int(out, "call_errors_24h", h->facts.errors_24h);
        jout_int(out, "config_drift", p->drift);
        jout_text_or_null(out, "local_list", p->list_state);
        jout_int(out, "reservations", h->facts.reservations);
    }
    jout_close(out, '}');
}

static void put_connections(struct ocpp_text *out, const struct history *h)
{
    jout_open(out, "connections", '[');
    for (size_t i = 0; i < h->n_connections; i++) {
        const struct doctor_connection *c = &h->connection[i];
        jout_open(out, NULL, '{');
        jout_time(out, "opened_at", c->opened_at_ms);
        jout_time(out, "closed_at", c->closed_at_ms);
        if (c->closed_at_ms != STORE_ABSENT)
            jout_int(out, "seconds", (c->closed_at_ms - c->opened_at_ms) / 1000);
        jout_text(out, "address", c->address);
        jout_text(out, "transport", c->transport);
        if (c->code > 0)
            jout_int(out, "code", c->code);
        jout_text_or_null(out, "ended", c->reason);
        jout_close(out, '}');
    }
    jout_close(out, ']');
}

static enum store_rc begin_reading(struct visit *v, struct reader *db)
{
    v->refused = calloc(DOCTOR_REFUSED_MAX, sizeof(*v->refused));
    return v->refused != NULL ? reader_refused(db, take_refused, v) : STORE_IO;
}

static enum store_rc read_one(struct question *q, struct reader *db)
{
    struct visit *v = q->state;
    struct patient *p = &v->patient[0];
    struct history h = { .n_connections = 0 };
    struct doctor_findings *findings = calloc(1, sizeof(*findings));
    enum store_rc rc = findings != NULL ? begin_reading(v, db) : STORE_IO;
    if (rc == STORE_OK)
        rc = read_history(db, v, p->id, &h);
    if (rc == STORE_OK) {
        complete_facts(v, p, &h);
        doctor_judge(&h.facts, findings);
        jout_open(&q->out, NULL, '{');
        jout_text(&q->out, "station", p->id);
        jout_bool(&q->out, "healthy", is_healthy(findings));
        put_findings(&q->out, findings);
        put_facts(&q->out, p, &h);
        put_connections(&q->out, &h);
        jout_close(&q->out, '}');
    }
    free(findings);
    return rc;
}

static void put_line(struct ocpp_text *out, const struct patient *p,
                     const struct doctor_findings *findings)
{
    const struct doctor_finding *worst = &findings->item[0];
    jout_open(out, NULL, '{');
    jout_text(out, "station", p->id);
    jout_text(out, "severity", doctor_severity_text(worst->severity));
    jout_text(out, "code", worst->code);
    jout_text(out, "text", worst->text);
    jout_text_or_null(out, "next", worst->next);
    jout_int(out, "findings", (int64_t)findings->n);
    jout_close(out, '}');
}

static enum store_rc read_all(struct question *q, struct reader *db)
{
    struct visit *v = q->state;
    struct doctor_findings *findings = calloc(1, sizeof(*findings));
    enum store_rc rc = findings != NULL ? begin_reading(v, db) : STORE_IO;
    bool healthy = is_healthy(&v->own);
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    for (size_t i = 0; i < v->n_patients && rc == STORE_OK; i++) {
        struct history h = { .n_connections = 0 };
        struct patient *p = &v->patient[i];
        rc = read_history(db, v, p->id, &h);
        complete_facts(v, p, &h);
        doctor_judge(&h.facts, findings);
        if (rc != STORE_OK || is_healthy(findings))
            continue;
        healthy = false;
        put_line(&q->out, p, findings);
    }
    jout_close(&q->out, ']');
    jout_open(&q->out, "noxd", '{');
    put_findings(&q->out, &v->own);
    jout_close(&q->out, '}');
    jout_int(&q->out, "stations", (int64_t)v->n_patients);
    jout_bool(&q->out, "healthy", healthy);
    jout_close(&q->out, '}');
    free(findings);
    return rc;
}

static void answer(struct request *r, struct question *q)
{
    visit_free(q->state);
    question_answer(r, q);
}

/* --- one station --- */

static void on_pong(void *arg, int64_t rtt_us)
{
    struct visit *v = arg;
    struct request *r = v->request;
    v->patient[0].rtt_us = rtt_us;
    if (r->link == NULL || r->admin->closing)
        visit_free(v);
    else
        request_ask(r, read_one, answer, v);
    request_unref(r);
}

void route_doctor_station(struct request *r)
{
    struct admin *a = r->admin;
    struct visit *v = visit_new(r, 1);
    if (v == NULL)
        return;
    struct patient *p = &v->patient[0];
    size_t i;
    if (central_station_find(a->options.central, r->param[0], &i)) {
        copy_patient(a, i, p);
    } else {
        keep(p->id, sizeof(p->id), r->param[0]);
        keep(p->like, sizeof(p->like), central_identity_like(a->options.central, r->param[0]));
    }
    void *link = central_link(a->options.central, p->id);
    if (link != NULL) {
        ws_server_info(a->options.ws, link, &p->link);
        p->has_link = true;
        request_ref(r);
        p->pinged = ws_server_ping(a->options.ws, link, on_pong, v);
        if (p->pinged)
            return;
        request_unref(r);
    }
    request_ask(r, read_one, answer, v);
}

/* --- all stations, and noxd itself --- */

static void judge_storage(struct admin *a, struct doctor_findings *own)
{
    struct store_health h;
    struct statvfs disk;
    store_health(a->options.store, &h);
    if (h.state != STORE_OK)
        doctor_add(own, DOCTOR_BAD, "storage", "noxctl status", "nothing can be stored: %s",
                   h.text);
    if (statvfs(a->options.db_path, &disk) != 0)
        return;
    int64_t bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    if (bytes < DISK_LOW_BYTES)
        doctor_add(own, bytes < DISK_LOW_BYTES / 4 ? DOCTOR_BAD : DOCTOR_WARNING, "disk", "df -h",
                   "the disk of the database has only %lld MB left", (long long)(bytes / 1000000));
}

static void judge_frames(struct admin *a, struct doctor_findings *own)
{
    struct frames_counters f;
    frames_counters(a->options.frames, &f);
    if (f.trouble[0] != '\0')
        doctor_add(own, DOCTOR_WARNING, "frames", "df -h", "frames are not kept: %s", f.trouble);
    else if (!f.is_on)
        doctor_add(
            own, DOCTOR_NOTE, "frames-off", "",
            "frames are not kept (--frames-keep-days): what stations said cannot be looked up");
}

static void judge_own_clock(struct admin *a, struct doctor_findings *own)
{
    struct timex t = { .modes = 0 };
    if (a->options.time_warp > 1) {
        doctor_add(own, DOCTOR_NOTE, "simulated-time", "",
                   "time runs %lld times as fast: simulated stations only",
                   (long long)a->options.time_warp);
        return;
    }
    int state = adjtimex(&t);
    if (state == TIME_ERROR || (t.status & STA_UNSYNC) != 0)
        doctor_add(
            own, DOCTOR_NOTE, "clock-not-synchronised", "timedatectl",
            "the system says that its clock is not synchronised: stations take their time from "
            "it (in a container the host may look after it)");
}

static void judge_own_alarms(struct admin *a, struct doctor_findings *own)
{
    for (size_t i = 0; i < a->alarms.n; i++) {
        const struct alarm *alarm = &a->alarms.item[i];
        if (alarm->station[0] == '\0')
            doctor_add(own, DOCTOR_BAD, "alarm", "noxctl event list --severity alarm",
                       "alarm %s: %s", alarm->name, alarm->text);
    }
}

static void judge_own_listeners(struct admin *a, struct doctor_findings *own)
{
    bool all_local = true;
    if (a->options.n_urls == 0)
        doctor_add(own, DOCTOR_BAD, "no-listener", "noxd --help", "no station can connect");
    for (size_t i = 0; i < a->options.n_urls; i++)
        all_local = all_local && (strstr(a->options.url[i], "//127.") != NULL ||
                                  strstr(a->options.url[i], "//localhost") != NULL ||
                                  strstr(a->options.url[i], "//[::1]") != NULL);
    if (a->options.n_urls > 0 && all_local)
        doctor_add(own, DOCTOR_NOTE, "local-only", "noxd --help",
                   "noxd listens on this machine only (%s): stations elsewhere need --listen "
                   "0.0.0.0:9016 or --tls-listen 0.0.0.0:9017",
                   a->options.url[0]);
}

void route_doctor(struct request *r)
{
    struct admin *a = r->admin;
    struct visit *v = visit_new(r, central_station_count(a->options.central));
    if (v == NULL)
        return;
    v->all = true;
    for (size_t i = 0; i < v->n_patients; i++)
        copy_patient(a, i, &v->patient[i]);
    judge_storage(a, &v->own);
    judge_own_alarms(a, &v->own);
    judge_own_listeners(a, &v->own);
    judge_frames(a, &v->own);
    judge_own_clock(a, &v->own);
    doctor_sort(&v->own);
    request_ask(r, read_all, answer, v);
}
