#include "tests/scenario/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "storage/reader.h"

const struct store_firmware world_firmware = { .num = 1,
                                               .sha256 = "00",
                                               .name = "lamp.bin",
                                               .version = "v2",
                                               .vendor = "",
                                               .model = "",
                                               .size = 5,
                                               .signature = "AAAABBBBCCCC",
                                               .certificate = "-----BEGIN CERTIFICATE-----" };

static struct world_station *by_link(struct world *w, void *link)
{
    uint64_t number = (uint64_t)(uintptr_t)link;
    for (size_t i = 0; i < w->n_stations; i++)
        if (w->station[i].link == number)
            return &w->station[i];
    return NULL;
}

static void reply_to_call(struct world *w, struct world_station *s, const char *id,
                          const char *action)
{
    const char *how = json_string_value(json_object_get(s->policy, action));
    char text[2048];
    if (how != NULL && strcmp(how, "nothing") == 0)
        return;
    if (how != NULL && strcmp(how, "CALLERROR") == 0)
        snprintf(text, sizeof(text), "[4,\"%s\",\"InternalError\",\"no\",{}]", id);
    else if (how != NULL && how[0] == '{') /* a whole answer */
        snprintf(text, sizeof(text), "[3,\"%s\",%s]", id, how);
    else if (strcmp(action, "GetConfiguration") == 0)
        snprintf(text, sizeof(text), "[3,\"%s\",{\"configurationKey\":[],\"unknownKey\":[]}]", id);
    else
        snprintf(text, sizeof(text), "[3,\"%s\",{\"status\":\"%s\"}]", id,
                 how != NULL ? how : "Accepted");
    if (s->session != NULL)
        central_on_frame(w->central, s->session, text, strlen(text), w->now);
}

/* Frames arrive while the central system is in the middle of something: take notes, answer later.
 */
static bool port_send(void *arg, void *link, const char *text, size_t len)
{
    struct world *w = arg;
    struct world_station *s = by_link(w, link);
    json_t *frame = json_loadb(text, len, 0, NULL);
    assert(frame != NULL); /* what we send is JSON */
    if (s == NULL) {
        json_decref(frame);
        return true;
    }
    if (json_integer_value(json_array_get(frame, 0)) == 2)
        json_array_append_new(s->requests, frame);
    else
        json_array_append_new(s->answers, frame);
    return true;
}

static void port_close(void *arg, void *link, uint16_t code, const char *reason)
{
    struct world_station *s = by_link(arg, link);
    (void)reason;
    if (s == NULL)
        return;
    s->session = NULL;
    s->link = 0;
    s->last_close = code;
}

static void port_event(void *arg, const struct store_event *event)
{
    struct world *w = arg;
    char line[256];
    snprintf(line, sizeof(line), "%s %s", event->name,
             event->station != NULL ? event->station : "");
    json_array_append_new(w->events, json_string(line));
}

/* --- certificates without keys --- */

/* Within a frame: answered when the central system has finished with it. */
static void port_judge(void *arg, const struct central_csr *csr)
{
    struct world *w = arg;
    json_array_append_new(w->to_judge, json_pack("{s:I,s:s,s:s}", "ticket", (json_int_t)csr->ticket,
                                                 "csr", csr->csr, "shown", csr->certificate));
}

static void port_sign(void *arg, int64_t request, const char *station, const char *csr)
{
    struct world *w = arg;
    json_array_append_new(w->to_sign, json_pack("{s:I,s:s,s:s}", "request", (json_int_t)request,
                                                "station", station, "csr", csr));
}

static const char *member(json_t *job, const char *name)
{
    return json_string_value(json_object_get(job, name));
}

static void judge(struct world *w, json_t *job)
{
    const char *csr = member(job, "csr");
    bool good = strncmp(csr, "csr ", 4) == 0;
    struct central_csr_verdict v = { .good = good,
                                     .text = "its signature is wrong",
                                     .pem = csr,
                                     .subject = good ? csr + 4 : "",
                                     .cn = good ? csr + 4 : "",
                                     .key = "EC 256",
                                     .renewal = member(job, "shown")[0] != '\0',
                                     .can_sign = !w->cannot_sign };
    central_csr_judged(w->central, (uint64_t)json_integer_value(json_object_get(job, "ticket")), &v,
                       w->now);
}

static void sign(struct world *w, json_t *job)
{
    char chain[200], fingerprint[65];
    int64_t request = json_integer_value(json_object_get(job, "request"));
    snprintf(chain, sizeof(chain), "signed %.100s", member(job, "csr"));
    snprintf(fingerprint, sizeof(fingerprint), "f%d", (int)request);
    struct store_certificate c = { .fingerprint = fingerprint,
                                   .kind = STORE_CERT_STATION,
                                   .station = member(job, "station"),
                                   .subject = member(job, "csr"),
                                   .issuer = "CA",
                                   .cn = member(job, "csr") + 4,
                                   .serial = "1",
                                   .key = "EC 256",
                                   .pem = chain,
                                   .not_before_ms = w->now.utc_ms,
                                   .not_after_ms = w->now.utc_ms + INT64_C(365) * 86400000,
                                   .request = request,
                                   .added_at_ms = w->now.utc_ms };
    central_csr_signed(w->central, c.station, &c, w->signing_fails ? NULL : chain, "the CA says no",
                       NULL, NULL, w->now);
}

static bool work_certs(struct world *w)
{
    json_t *judged = w->to_judge, *signed_ = w->to_sign, *job;
    size_t i;
    bool any = json_array_size(judged) + json_array_size(signed_) > 0;
    w->to_judge = json_array();
    w->to_sign = json_array();
    json_array_foreach(judged, i, job) judge(w, job);
    json_array_foreach(signed_, i, job) sign(w, job);
    json_decref(judged);
    json_decref(signed_);
    return any;
}

void world_show(struct world *w, struct world_station *s, const char *fingerprint,
                int64_t not_before_ms)
{
    struct store_certificate c = { .fingerprint = fingerprint,
                                   .subject = s->id,
                                   .issuer = "CA",
                                   .cn = s->id,
                                   .serial = "1",
                                   .key = "EC 256",
                                   .pem = "",
                                   .not_before_ms = not_before_ms,
                                   .not_after_ms = not_before_ms + INT64_C(365) * 86400000 };
    if (s->session != NULL)
        central_certificate(w->central, s->session, &c, w->now);
    world_pump(w);
}

/* Readable for stories: the beginning of the key itself. */
static bool port_key_hash(void *arg, const uint8_t *key, size_t len, uint8_t ret_salt[16],
                          uint8_t ret_hash[32])
{
    (void)arg;
    memset(ret_salt, 7, 16);
    memset(ret_hash, 0, 32);
    memcpy(ret_hash, key, len < 31 ? len : 31);
    return true;
}

static uint64_t port_random(void *arg)
{
    (void)arg;
    return 0x5EED;
}

static bool port_offer(void *arg, void *link, struct central_offer *offer)
{
    (void)arg;
    (void)link;
    snprintf(offer->url, sizeof(offer->url), "https://csms.example/files/T%d/x", (int)offer->job);
    memset(offer->token, 'a', sizeof(offer->token) - 1);
    offer->token[sizeof(offer->token) - 1] = '\0';
    return true;
}

static bool start(struct world *w)
{
    char text[200];
    struct store_options options = { .path = w->db, .inline_mode = true };
    if (store_open(&options, &w->store, text, sizeof(text)) != STORE_OK) {
        fprintf(stderr, "%s\n", text);
        return false;
    }
    struct central_options central = central_default_options();
    central.store = w->store;
    central.port = (struct central_port){ .arg = w,
                                          .send = port_send,
                                          .close = port_close,
                                          .event = port_event,
                                          .csr_judge = port_judge,
                                          .csr_sign = port_sign,
                                          .offer = port_offer,
                                          .random = port_random,
                                          .key_hash = port_key_hash };
    central.cert_policy = w->cert_policy;
    w->central = central_new(&central, w->now);
    return w->central != NULL;
}

static bool make(struct world *w, int64_t start_ms)
{
    memset(w, 0, sizeof(*w));
    snprintf(w->dir, sizeof(w->dir), "%s/nox-world-XXXXXX",
             getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    if (mkdtemp(w->dir) == NULL)
        return false;
    snprintf(w->db, sizeof(w->db), "%s/nox.db", w->dir);
    w->now = (struct instant){ .utc_ms = start_ms, .mono_ms = 1000 };
    w->events = json_array();
    w->replies = json_array();
    w->to_judge = json_array();
    w->to_sign = json_array();
    w->cert_policy = CENTRAL_CERT_RENEWALS;
    return true;
}

bool world_open(struct world *w, int64_t start_ms)
{
    return make(w, start_ms) && start(w);
}

static void stop(struct world *w)
{
    for (size_t i = 0; i < w->n_stations; i++) {
        w->station[i].session = NULL;
        w->station[i].link = 0;
    }
    store_close(w->store);
    central_free(w->central);
    json_array_clear(w->to_judge);
    json_array_clear(w->to_sign);
    w->store = NULL;
    w->central = NULL;
}

void world_close(struct world *w)
{
    char path[200];
    stop(w);
    for (size_t i = 0; i < w->n_stations; i++) {
        json_decref(w->station[i].answers);
        json_decref(w->station[i].requests);
        json_decref(w->station[i].policy);
    }
    json_decref(w->events);
    json_decref(w->replies);
    json_decref(w->to_judge);
    json_decref(w->to_sign);
    static const char *const suffix[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", w->db, suffix[i]);
        unlink(path);
    }
    rmdir(w->dir);
}

/* --- configuration as noxd does it: read back what the store keeps --- */

struct restoring {
    struct world *w;
};

static bool restore_session(void *arg, const struct store_session *session)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_restore_session(w->central, session, w->now);
    return true;
}

static bool restore_evidence(void *arg, const struct store_evidence *evidence)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_restore_evidence(w->central, evidence, w->now);
    return true;
}

static bool restore_writes(void *arg, const struct reader_writes *writes)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_restore_writes(w->central, writes->station, writes->connector, writes->n,
                           writes->hour_ms, w->now);
    return true;
}

static bool restore_lease(void *arg, const struct store_lease *lease)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_restore_lease(w->central, lease, w->now);
    return true;
}

static bool restore_cert_request(void *arg, const struct store_cert_request *request)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_cert_restore(w->central, request, w->now);
    return true;
}

static bool restore_call(void *arg, const struct store_call *call)
{
    struct world *w = ((struct restoring *)arg)->w;
    if (call->is_whole && call->until_ms > w->now.utc_ms)
        central_restore_call(w->central, call, w->now);
    return true;
}

static bool restore_key(void *arg, const char *station, const char *key, const char *value)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_restore_key(w->central, station, key, value);
    return true;
}

static bool restore_profile(void *arg, const struct store_profile *profile)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_restore_profile(w->central, profile);
    return true;
}

static bool restore_reservation(void *arg, const struct store_reservation *reservation)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_restore_reservation(w->central, reservation, w->now);
    return true;
}

static bool restore_wish(void *arg, const struct store_key_wish *wish)
{
    central_restore_wish(((struct restoring *)arg)->w->central, wish);
    return true;
}

static bool restore_local_list(void *arg, const struct store_local_list *list)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_restore_local_list(w->central, list);
    return true;
}

static bool restore_file_job(void *arg, const struct store_file_job *job)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_restore_file_job(w->central, job, w->now);
    return true;
}

static bool restore_cap(void *arg, const struct store_cap *cap)
{
    struct world *w = ((struct restoring *)arg)->w;
    central_restore_cap(w->central, cap, w->now);
    return true;
}

static bool configure(struct world *w, bool restore, char *ret_text, size_t size)
{
    struct reader *r;
    const struct store_site *site;
    if (reader_open(w->db, &r, ret_text, size) != STORE_OK)
        return false;
    bool good = reader_site(r, &site) == STORE_OK &&
                central_configure(w->central, site, w->now, ret_text, size);
    if (good && restore) {
        struct restoring restoring = { .w = w };
        struct reader_session_filter active = { .state = STORE_SESSION_ACTIVE,
                                                .from_ms = STORE_ABSENT,
                                                .to_ms = STORE_ABSENT };
        reader_sessions(r, &active, restore_session, &restoring);
        reader_evidence(r, restore_evidence, &restoring);
        reader_writes(r, w->now.utc_ms - 86400000, restore_writes, &restoring);
        reader_leases(r, w->now.utc_ms, restore_lease, &restoring);
        int64_t last_cap;
        reader_cap_max(r, &last_cap);
        central_cap_number(w->central, last_cap);
        reader_caps(r, true, 0, 0, restore_cap, &restoring);
        reader_local_lists(r, restore_local_list, &restoring);
        reader_queued_calls(r, restore_call, &restoring);
        reader_wishes(r, restore_wish, &restoring);
        reader_cert_requests(r, &(struct reader_cert_request_filter){ .open = true },
                             restore_cert_request, &restoring);
        struct reader_reservation_filter live = { .live = true };
        int64_t num, id;
        reader_reservation_max(r, &num, &id);
        central_reservation_numbers(w->central, num, id);
        reader_reservations(r, &live, restore_reservation, &restoring);
        struct reader_file_max files;
        reader_file_max(r, &files);
        central_file_numbers(w->central, &files);
        reader_open_file_jobs(r, restore_file_job, &restoring);
        reader_room_keys(r, restore_key, &restoring);
        reader_profiles(r, NULL, restore_profile, &restoring);
        store_calls_lost(w->store, w->now.utc_ms, (struct store_done){ .fn = NULL });
    }
    reader_close(r);
    return good;
}

static void on_applied(void *arg, enum store_rc rc, const union store_result *result)
{
    char *text = arg;
    if (rc != STORE_OK)
        snprintf(text, 200, "%s",
                 result->apply.error != NULL ? result->apply.error : store_rc_text(rc));
}

bool world_follow(struct world *w, char *ret_text, size_t size)
{
    return configure(w, false, ret_text, size);
}

bool world_apply(struct world *w, const struct store_site *site, char *ret_text, size_t size)
{
    char error[200] = "";
    struct store_done done = { .fn = on_applied, .arg = error };
    if (!store_apply(w->store, site, false, done))
        return false;
    store_pump(w->store);
    if (error[0] != '\0') {
        snprintf(ret_text, size, "%s", error);
        return false;
    }
    return configure(w, false, ret_text, size);
}

bool world_open_copy(struct world *w, int64_t start_ms, const void *db, size_t size)
{
    char text[200];
    FILE *file = make(w, start_ms) ? fopen(w->db, "wb") : NULL;
    if (file == NULL)
        return false;
    bool good = fwrite(db, 1, size, file) == size;
    return fclose(file) == 0 && good && start(w) && configure(w, true, text, sizeof(text));
}

bool world_restart(struct world *w)
{
    char text[200];
    stop(w);
    return start(w) && configure(w, true, text, sizeof(text));
}

void world_doubt(struct world *w)
{
    central_doubt(w->central, w->now.utc_ms + INT64_C(17) * 60000, true, w->now);
    world_pump(w);
}

/* --- stations --- */

struct world_station *world_station(struct world *w, const char *id)
{
    for (size_t i = 0; i < w->n_stations; i++)
        if (strcmp(w->station[i].id, id) == 0)
            return &w->station[i];
    assert(w->n_stations < WORLD_STATIONS);
    struct world_station *s = &w->station[w->n_stations++];
    snprintf(s->id, sizeof(s->id), "%s", id);
    s->answers = json_array();
    s->requests = json_array();
    s->policy = json_object();
    return s;
}

bool world_connect(struct world *w, struct world_station *s)
{
    uint64_t link = ++w->next_link;
    s->last_close = 0;
    s->session = central_connected(w->central, s->id, (void *)(uintptr_t)link, "test", w->now);
    s->link = s->session != NULL ? link : 0;
    s->last_close = 0; /* a close of the socket before is not news of this one */
    return s->session != NULL;
}

void world_disconnect(struct world *w, struct world_station *s)
{
    if (s->session != NULL)
        central_closed(w->central, s->session, NULL, w->now);
    s->session = NULL;
    s->link = 0;
}

/* Stations answer after the central system has finished what it was doing. */
static bool answer_requests(struct world *w)
{
    bool any = false;
    for (size_t i = 0; i < w->n_stations; i++) {
        struct world_station *s = &w->station[i];
        for (size_t k = 0; k < json_array_size(s->requests); k++) {
            json_t *frame = json_array_get(s->requests, k);
            if (json_array_size(frame) != 4)
                continue; /* answered: marked by a fifth element */
            json_array_append_new(frame, json_true());
            any = true;
            const char *id = json_string_value(json_array_get(frame, 1));
            const char *action = json_string_value(json_array_get(frame, 2));
            if (w->on_call == NULL || !w->on_call(w, s, id, action, json_array_get(frame, 3)))
                reply_to_call(w, s, id, action);
        }
    }
    return any;
}

static bool pump(struct world *w)
{
    bool any = false, more;
    do {
        more = false;
        while (!w->storage_stalls && store_pump(w->store) > 0)
            more = true;
        more = answer_requests(w) || more;
        more = work_certs(w) || more;
        any = any || more;
    } while (more);
    return any;
}

void world_pump(struct world *w)
{
    pump(w);
}

void world_send(struct world *w, struct world_station *s, const char *text)
{
    if (s->session != NULL)
        central_on_frame(w->central, s->session, text, strlen(text), w->now);
    world_pump(w);
}

void world_call(struct world *w, struct world_station *s, const char *action, json_t *payload)
{
    json_t *frame = json_pack("[i,s+,s,o]", 2, "m", "", action, payload);
    char id[32];
    snprintf(id, sizeof(id), "%s-%u", "m", ++s->next_id);
    json_array_set_new(frame, 1, json_string(id));
    char *text = json_dumps(frame, JSON_COMPACT);
    json_decref(frame);
    world_send(w, s, text);
    free(text);
}

void world_after(struct world *w, int64_t ms)
{
    int64_t end_mono_ms = w->now.mono_ms + ms;
    for (;;) {
        int64_t next_ms;
        do
            next_ms = central_tick(w->central, w->now);
        while (pump(w));
        if (w->now.mono_ms >= end_mono_ms)
            return;
        if (next_ms > end_mono_ms)
            next_ms = end_mono_ms;
        int64_t step_ms = next_ms > w->now.mono_ms ? next_ms - w->now.mono_ms : 1;
        w->now.mono_ms += step_ms;
        w->now.utc_ms += step_ms;
    }
}
