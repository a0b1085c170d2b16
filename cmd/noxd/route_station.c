/* Stations: what is known of them, what is asked of them. */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/apply_file.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/views.h"
#include "ocpp/server/credentials.h"
#include "ocpp/wire/redact.h"

enum { KEY_BYTES = 20, CALL_TIMEOUT_MAX_S = 600, CALL_WAIT_MAX_S = 7 * 86400 };

/* --- lists: master data from the database, live state from the central --- */

struct member {
    char id[64];
    size_t at, len; /* of its members in the question's text */
};

struct members {
    struct member *item;
    size_t n;
};

/* Worker: each station's members as the apply file names them, one after the other. */
static enum store_rc read_members(struct question *q, struct reader *db)
{
    struct members *m = q->state;
    const struct store_site *site;
    enum store_rc rc = reader_site_but_tags(db, &site);
    if (rc != STORE_OK)
        return rc;
    m->item = calloc(site->n_stations + 1, sizeof(*m->item));
    for (size_t i = 0; m->item != NULL && i < site->n_stations; i++) {
        const struct store_station *s = &site->station[i];
        const char *only = q->request->param[0];
        if (s->decommissioned || (only != NULL && strcmp(s->id, only) != 0))
            continue;
        struct member *item = &m->item[m->n++];
        snprintf(item->id, sizeof(item->id), "%s", s->id);
        item->at = q->out.len;
        apply_write(apply_lists[APPLY_STATIONS].object, s, &q->out);
        item->len = q->out.len - item->at;
    }
    return m->item != NULL ? STORE_OK : STORE_IO;
}

static void put_station(struct request *r, const struct question *q, const struct member *item,
                        const char *key)
{
    size_t i;
    const char *members = q->out.data + item->at;
    size_t skip = members[0] == ',' ? 1 : 0; /* written behind the one before */
    jout_open(&r->out, key, '{');
    ocpp_text_append(&r->out, members + skip, item->len - skip);
    if (central_station_find(r->admin->options.central, item->id, &i))
        view_station_live(r->admin, i, &r->out);
    jout_close(&r->out, '}');
}

static void members_free(struct members *m)
{
    free(m->item);
    free(m);
}

static void answer_stations(struct request *r, struct question *q)
{
    struct members *m = q->state;
    if (q->rc != STORE_OK || r->admin->closing) {
        question_answer(r, q);
    } else {
        jout_open(&r->out, NULL, '{');
        jout_open(&r->out, "items", '[');
        for (size_t i = 0; i < m->n; i++)
            put_station(r, q, &m->item[i], NULL);
        jout_close(&r->out, ']');
        jout_close(&r->out, '}');
        request_answer(r, 200);
    }
    members_free(m);
}

void request_fail_no_station(struct request *r)
{
    const char *id = r->param[0];
    const char *like = central_identity_like(r->admin->options.central, id);
    if (like != NULL)
        request_fail(r, 404, "not-found", NULL, "there is no station %s; did you mean %s?", id,
                     like);
    else
        request_fail(r, 404, "not-found", NULL,
                     "there is no station %s; 'noxctl station list' names all", id);
}

static void answer_station(struct request *r, struct question *q)
{
    struct members *m = q->state;
    if (q->rc != STORE_OK || r->admin->closing) {
        question_answer(r, q);
    } else if (m->n == 0) {
        request_fail_no_station(r);
    } else {
        put_station(r, q, &m->item[0], NULL);
        request_answer(r, 200);
    }
    members_free(m);
}

static void ask_members(struct request *r, void (*then)(struct request *r, struct question *q))
{
    struct members *m = calloc(1, sizeof(*m));
    if (m != NULL)
        request_ask(r, read_members, then, m);
    else
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
}

void route_stations(struct request *r)
{
    ask_members(r, answer_stations);
}

void route_station(struct request *r)
{
    ask_members(r, answer_station);
}

void route_connectors(struct request *r)
{
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "items", '[');
    view_connectors(r->admin, &r->out);
    jout_close(&r->out, ']');
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

/* --- changes --- */

void route_station_put(struct request *r)
{
    bool dry_run, force;
    json_t *id = json_object_get(r->json, "id");
    if (!request_query_flag(r, "dry_run", &dry_run) || !request_query_flag(r, "force", &force))
        return;
    if (id != NULL && (!json_is_string(id) || strcmp(json_string_value(id), r->param[0]) != 0)) {
        request_fail(r, 422, "invalid-data", "id", "id: must be %s as in the path, or be left out",
                     r->param[0]);
        return;
    }
    json_object_set_new(r->json, "id", json_string(r->param[0]));
    json_t *root = json_pack("{s:[O]}", "stations", r->json);
    if (root == NULL)
        request_fail(r, 422, "invalid-data", "id", "id: is no UTF-8 text");
    else
        admin_apply(r, root, "stations", dry_run, force);
}

void route_station_delete(struct request *r)
{
    if (!admin_can_write(r))
        return;
    struct store_done done = admin_written(r, "station", true);
    if (!store_station_remove(r->admin->options.store, r->param[0], done))
        admin_not_taken(r);
}

static void to_hex(const uint8_t *bytes, size_t n, char *ret_hex)
{
    for (size_t i = 0; i < n; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", bytes[i]);
}

/* Stations take the bytes as hexadecimal text (AuthorizationKey) and send either as password. */
static void put_key(struct request *r, const uint8_t key[KEY_BYTES])
{
    char hex[2 * KEY_BYTES + 1];
    to_hex(key, KEY_BYTES, hex);
    jout_open(&r->out, NULL, '{');
    jout_text(&r->out, "station", r->param[0]);
    jout_text(&r->out, "key", hex);
    jout_text(&r->out, "authorization_key_hex", hex);
    jout_close(&r->out, '}');
    OPENSSL_cleanse(hex, sizeof(hex));
}

void route_station_key(struct request *r)
{
    uint8_t key[KEY_BYTES], salt[16], hash[32];
    if (!admin_can_write(r))
        return;
    if (RAND_bytes(key, sizeof(key)) != 1 || !credentials_hash(key, sizeof(key), salt, hash)) {
        request_fail(r, 500, "no-random", NULL, "the system gave no random numbers; try again");
        return;
    }
    put_key(r, key);
    OPENSSL_cleanse(key, sizeof(key));
    struct store_done done = admin_written(r, "station", true);
    if (!store_station_key(r->admin->options.store, r->param[0], salt, hash, done))
        admin_not_taken(r);
}

void route_station_registration(struct request *r)
{
    const char *status = json_string_value(json_object_get(r->json, "status"));
    int32_t wanted = 0;
    for (int32_t i = STORE_REG_ACCEPTED; i <= STORE_REG_REJECTED && status != NULL; i++)
        if (strcmp(view_registration(i), status) == 0)
            wanted = i;
    if (wanted == 0) {
        request_fail(r, 422, "invalid-data", "status",
                     "status: must be \"Accepted\", \"Pending\" or \"Rejected\"");
        return;
    }
    if (!admin_can_write(r))
        return;
    struct store_done done = admin_written(r, "station", true);
    if (!store_registration(r->admin->options.store, r->param[0], wanted, done))
        admin_not_taken(r);
}

void route_station_class(struct request *r)
{
    static const char *const words[] = { "leasing", "sticky", "forgetful", "unmanaged", "auto" };
    const char *class = json_string_value(json_object_get(r->json, "class"));
    int32_t wanted = -1;
    for (int32_t i = 0; class != NULL && i < (int32_t)(sizeof(words) / sizeof(words[0])); i++)
        if (strcmp(words[i], class) == 0)
            wanted = i;
    if (wanted < 0) {
        request_fail(r, 422, "invalid-data", "class",
                     "class: must be auto, leasing, sticky, forgetful or unmanaged");
        return;
    }
    if (!admin_can_write(r))
        return;
    struct store_done done = admin_written(r, "station", true);
    if (!store_station_class(r->admin->options.store, r->param[0], wanted, done))
        admin_not_taken(r);
    else
        central_evidence_forget(r->admin->options.central, r->param[0], admin_now(r->admin));
}

/* --- requests to stations --- */

static void answer_payload(struct request *r, const struct central_reply *reply)
{
    json_t *shown = json_deep_copy(reply->payload);
    ocpp_redact(shown); /* some stations tell their key */
    char *payload = json_dumps(shown, JSON_COMPACT);
    json_decref(shown);
    jout_open(&r->out, NULL, '{');
    jout_text(&r->out, "outcome", "answered");
    jout_raw(&r->out, "payload", payload);
    jout_close(&r->out, '}');
    free(payload);
    request_answer(r, 200);
}

/* As an error, with the station's own code beside ours. */
static void answer_callerror(struct request *r, const struct central_reply *reply)
{
    char text[400];
    snprintf(text, sizeof(text), "the station answered with the error %s%s%s", reply->error_code,
             reply->text[0] != '\0' ? ": " : "", reply->text);
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "error", '{');
    jout_text(&r->out, "code", "callerror");
    jout_text(&r->out, "message", text);
    jout_text(&r->out, "ocpp_code", reply->error_code);
    jout_close(&r->out, '}');
    jout_close(&r->out, '}');
    request_answer(r, 502);
}

static void answer_queued(struct request *r, const struct central_reply *reply)
{
    jout_open(&r->out, NULL, '{');
    jout_text(&r->out, "outcome", "queued");
    jout_int(&r->out, "id", reply->call_id);
    jout_close(&r->out, '}');
    request_answer(r, 202);
}

void route_call_reply(void *arg, const struct central_reply *reply)
{
    static const struct {
        int status;
        const char *code;
    } of[] = {
        [CENTRAL_TIMEOUT] = { 504, "timed-out" },
        [CENTRAL_LOST] = { 504, "connection-lost" },
        [CENTRAL_OFFLINE] = { 409, "station-offline" },
        [CENTRAL_QUEUE_FULL] = { 503, "queue-full" },
        [CENTRAL_REPLACED] = { 409, "replaced" },
        [CENTRAL_REFUSED] = { 409, "refused" },
    };
    struct request *r = arg;
    if (reply->outcome == CENTRAL_ANSWERED)
        answer_payload(r, reply);
    else if (reply->outcome == CENTRAL_CALLERROR)
        answer_callerror(r, reply);
    else if (reply->outcome == CENTRAL_QUEUED)
        answer_queued(r, reply);
    else
        request_fail(r, of[reply->outcome].status, of[reply->outcome].code, NULL, "%s",
                     reply->text);
    request_unref(r);
}

static const struct ocpp_action *action_of(struct request *r)
{
    const char *name = json_string_value(json_object_get(r->json, "action"));
    const struct ocpp_action *action = name != NULL ? ocpp_action_find(name) : NULL;
    const char *nearest = name != NULL ? ocpp_action_nearest(name) : NULL;
    if (name == NULL) {
        request_fail(r, 422, "invalid-data", "action",
                     "action: is missing; name an OCPP action, like \"Reset\"");
    } else if (action == NULL) {
        request_fail(r, 422, "invalid-data", "action", "action: OCPP 1.6 has no %s%s%s", name,
                     nearest != NULL ? "; did you mean " : ": 'noxctl ocpp list' names all",
                     nearest != NULL ? nearest : "");
    } else if ((action->direction & OCPP_TO_STATION) == 0) {
        request_fail(r, 422, "invalid-data", "action",
                     "action: %s is sent by stations, not to them; with \"check\": false it goes "
                     "out all the same",
                     name);
        return NULL;
    }
    return action;
}

/* What the catalogue cannot say of charging profiles. */
static bool profile_is_good(struct request *r, const char *action, json_t *payload)
{
    char text[300];
    if (central_profile_check(r->admin->options.central, r->param[0], action, payload, text,
                              sizeof(text)))
        return true;
    request_fail(r, 422, "invalid-data", "payload",
                 "%s; --no-check (\"check\": false) sends it all the same", text);
    return false;
}

/* Judged by the catalogue, unless the operator wants it out as it is. */
static bool payload_is_good(struct request *r, json_t *payload)
{
    struct ocpp_report report;
    char path[100];
    const struct ocpp_action *action = action_of(r);
    if (action == NULL)
        return false;
    ocpp_report_init(&report);
    if (ocpp_validate(action->req, payload, &report) == OCPP_OK)
        return profile_is_good(r, action->name, payload);
    snprintf(path, sizeof(path), "payload%s%s", report.path[0] != '\0' ? "." : "", report.path);
    request_fail(r, 422, "invalid-data", path,
                 "%s: %s; 'noxctl ocpp describe %s' shows what it takes", path, report.text,
                 action->name);
    return false;
}

struct call_wish {
    const char *action;
    json_t *payload; /* lent */
    int64_t timeout_ms, wait_ms;
};

static const char *call_member_at(const void *names, size_t i)
{
    return ((const char *const *)names)[i];
}

bool route_only_members(struct request *r, const char *const *names, size_t n)
{
    const char *key;
    json_t *value;
    json_object_foreach(r->json, key, value)
    {
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known = known || strcmp(key, names[i]) == 0;
        if (known)
            continue;
        const char *nearest = ocpp_nearest(key, call_member_at, names, n);
        request_fail(r, 422, "invalid-data", key, "%s: is not known here%s%s", key,
                     nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "");
        return false;
    }
    return true;
}

/* Who stands at a lamp has gone when it comes back: what starts, stops and unlocks never waits. */
static bool may_wait(struct request *r, const char *action)
{
    static const char *const never[] = { "RemoteStartTransaction", "RemoteStopTransaction",
                                         "UnlockConnector" };
    const json_t *wait = json_object_get(r->json, "wait_online_s");
    if (wait == NULL)
        return true;
    if (!json_is_integer(wait) || json_integer_value(wait) < 0 ||
        json_integer_value(wait) > CALL_WAIT_MAX_S) {
        request_fail(r, 422, "invalid-data", "wait_online_s",
                     "wait_online_s: must be a whole number from 0 to %d", CALL_WAIT_MAX_S);
        return false;
    }
    for (size_t i = 0; action != NULL && i < sizeof(never) / sizeof(never[0]); i++)
        if (strcmp(action, never[i]) == 0 && json_integer_value(wait) > 0) {
            request_fail(r, 422, "invalid-data", "wait_online_s",
                         "wait_online_s: %s is for somebody who stands there now; it does not "
                         "wait for the station",
                         action);
            return false;
        }
    return true;
}

static bool read_wish(struct request *r, struct call_wish *ret_wish)
{
    static const char *const names[] = { "action", "payload", "timeout_s", "check",
                                         "wait_online_s" };
    json_t *payload = json_object_get(r->json, "payload");
    json_t *timeout = json_object_get(r->json, "timeout_s");
    json_t *check = json_object_get(r->json, "check");
    if (!route_only_members(r, names, sizeof(names) / sizeof(names[0])))
        return false;
    if (payload == NULL) {
        payload = json_object();
        json_object_set_new(r->json, "payload", payload);
    }
    if (!json_is_object(payload)) {
        request_fail(r, 422, "invalid-data", "payload", "payload: must be an object {...}");
        return false;
    }
    if (timeout != NULL && (!json_is_integer(timeout) || json_integer_value(timeout) < 1 ||
                            json_integer_value(timeout) > CALL_TIMEOUT_MAX_S)) {
        request_fail(r, 422, "invalid-data", "timeout_s",
                     "timeout_s: must be a whole number from 1 to %d", CALL_TIMEOUT_MAX_S);
        return false;
    }
    if (check != NULL && !json_is_boolean(check)) {
        request_fail(r, 422, "invalid-data", "check", "check: must be true or false");
        return false;
    }
    const char *action = json_string_value(json_object_get(r->json, "action"));
    if (!may_wait(r, action))
        return false;
    if ((check == NULL || json_is_true(check)) && !payload_is_good(r, payload))
        return false;
    if (action == NULL || action[0] == '\0' || strlen(action) > 100) {
        request_fail(r, 422, "invalid-data", "action", "action: must be the name of an action");
        return false;
    }
    *ret_wish = (struct call_wish){
        .action = action,
        .payload = payload,
        .timeout_ms = json_integer_value(timeout) * 1000,
        .wait_ms = json_integer_value(json_object_get(r->json, "wait_online_s")) * 1000
    };
    return true;
}

void route_station_call(struct request *r)
{
    struct admin *a = r->admin;
    struct call_wish wish;
    size_t i;
    if (!central_station_find(a->options.central, r->param[0], &i)) {
        request_fail_no_station(r);
        return;
    }
    if (!read_wish(r, &wish))
        return;
    char *payload = json_dumps(wish.payload, JSON_COMPACT);
    if (payload == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    request_ref(r);
    struct central_ask ask = { .station = r->param[0],
                               .action = wish.action,
                               .payload_json = payload,
                               .timeout_ms = wish.timeout_ms,
                               .wait_ms = wish.wait_ms,
                               .who = request_who(r),
                               .why = request_why(r) };
    central_ask(a->options.central, &ask, route_call_reply, r, admin_now(a));
    free(payload);
    loop_run_due(a->options.loop);
}

/* --- what a station said of itself --- */

struct config_list {
    struct ocpp_text *out;
    int64_t at_ms;
};

static bool take_key(void *arg, const struct store_config_key *key, int64_t at_ms)
{
    struct config_list *list = arg;
    jout_open(list->out, NULL, '{');
    jout_text(list->out, "key", key->key);
    jout_text(list->out, "value", key->value);
    jout_bool(list->out, "readonly", key->readonly);
    jout_bool(list->out, "known", key->known);
    jout_close(list->out, '}');
    if (list->at_ms == STORE_ABSENT || at_ms > list->at_ms)
        list->at_ms = at_ms;
    return true;
}

static enum store_rc read_config(struct question *q, struct reader *db)
{
    struct config_list list = { &q->out, STORE_ABSENT };
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_station_config(db, q->request->param[0], take_key, &list);
    jout_close(&q->out, ']');
    jout_time(&q->out, "at", list.at_ms);
    jout_close(&q->out, '}');
    return rc;
}

void route_station_config(struct request *r)
{
    size_t i;
    if (central_station_find(r->admin->options.central, r->param[0], &i))
        request_ask(r, read_config, NULL, NULL);
    else
        request_fail_no_station(r);
}

static bool take_refused(void *arg, const struct store_refused *last, int64_t count,
                         int64_t first_at_ms)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    jout_text(out, "identity", last->identity);
    jout_text(out, "reason", last->reason);
    jout_text(out, "detail", last->detail);
    jout_text(out, "address", last->address);
    jout_int(out, "count", count);
    jout_time(out, "first_at", first_at_ms);
    jout_time(out, "last_at", last->at_ms);
    jout_close(out, '}');
    return true;
}

static enum store_rc read_refused(struct question *q, struct reader *db)
{
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_refused(db, take_refused, &q->out);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

void route_refused(struct request *r)
{
    request_ask(r, read_refused, NULL, NULL);
}
