/* Certificates in the stores of stations: M03 list, M04 delete, M05 install, A02 renew. */
#include "cmd/noxd/route_cert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 400, KNOWN_MAX = 500 };

static const char *const types[] = { "CentralSystemRootCertificate",
                                     "ManufacturerRootCertificate" };
enum { CENTRAL_ROOT, MANUFACTURER_ROOT, TYPES };

/* --- what people call the certificates that stations name by hashes --- */

struct known {
    struct pki_certificate facts;
    struct pki_hash_data data[PKI_HASHES];
};

struct known_list {
    struct known *item;
    size_t n;
};

static bool note_known(void *arg, const struct store_certificate *c)
{
    struct known_list *list = arg;
    char none[200];
    if (c->kind == STORE_CERT_STATION)
        return true;
    struct known *known = &list->item[list->n];
    if (!pki_read(c->pem, strlen(c->pem), 0, &known->facts, none, sizeof(none)))
        return true;
    for (int h = 0; h < PKI_HASHES; h++)
        if (!pki_hash_data(c->pem, strlen(c->pem), NULL, 0, (enum pki_hash)h, &known->data[h], none,
                           sizeof(none)))
            return true;
    return ++list->n < KNOWN_MAX;
}

static bool known_read(struct known_list *list, struct reader *db)
{
    struct reader_cert_filter all = { .station = NULL };
    list->item = calloc(KNOWN_MAX, sizeof(*list->item));
    return list->item != NULL && reader_certificates(db, &all, note_known, list) == STORE_OK;
}

/* The key's hash is only compared where the issuer is known: of roots it always is. */
static bool is_named(const struct pki_hash_data *data, const struct store_installed *row)
{
    return pki_hex_equal(pki_hash_text(data->hash), row->hash) &&
           pki_hex_equal(data->issuer_name_hash, row->issuer_name_hash) &&
           (data->issuer_key_hash[0] == '\0' ||
            pki_hex_equal(data->issuer_key_hash, row->issuer_key_hash)) &&
           pki_serial_equal(data->serial, row->serial);
}

static const struct known *known_find(const struct known_list *list,
                                      const struct store_installed *row)
{
    for (size_t i = 0; i < list->n; i++)
        for (int h = 0; h < PKI_HASHES; h++)
            if (is_named(&list->item[i].data[h], row))
                return &list->item[i];
    return NULL;
}

/* --- the list as it was reported last --- */

struct rows {
    struct known_list known;
    struct ocpp_text *out;
};

static bool put_row(void *arg, const struct store_installed *row)
{
    struct rows *rows = arg;
    const struct known *known = known_find(&rows->known, row);
    jout_open(rows->out, NULL, '{');
    jout_text(rows->out, "type", row->type);
    jout_text(rows->out, "subject", known != NULL ? known->facts.subject : NULL);
    jout_text(rows->out, "fingerprint", known != NULL ? known->facts.fingerprint : NULL);
    jout_time(rows->out, "not_after", known != NULL ? known->facts.not_after_ms : STORE_ABSENT);
    jout_text(rows->out, "hash_algorithm", row->hash);
    jout_text(rows->out, "issuer_name_hash", row->issuer_name_hash);
    jout_text(rows->out, "issuer_key_hash", row->issuer_key_hash);
    jout_text(rows->out, "serial", row->serial);
    jout_time(rows->out, "reported_at", row->at_ms);
    jout_close(rows->out, '}');
    return true;
}

static enum store_rc read_rows(struct question *q, struct reader *db)
{
    struct rows rows = { .out = &q->out };
    enum store_rc rc = known_read(&rows.known, db) ? STORE_OK : STORE_IO;
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    if (rc == STORE_OK)
        rc = reader_installed(db, q->request->param[0], put_row, &rows);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    free(rows.known.item);
    return rc;
}

static bool station_is_known(struct request *r)
{
    size_t i;
    if (central_station_find(r->admin->options.central, r->param[0], &i))
        return true;
    request_fail_no_station(r);
    return false;
}

void route_station_certs(struct request *r)
{
    if (station_is_known(r))
        request_ask(r, read_rows, NULL, NULL);
}

/* --- requests --- */

static void ask(struct request *r, const char *action, json_t *payload,
                void (*done)(void *arg, const struct central_reply *reply), void *arg)
{
    char *text = json_dumps(payload, JSON_COMPACT);
    struct central_ask wish = { .station = r->param[0],
                                .action = action,
                                .payload_json = text != NULL ? text : "{}",
                                .who = request_who(r),
                                .why = request_why(r) };
    json_decref(payload);
    central_ask(r->admin->options.central, &wish, done, arg, admin_now(r->admin));
    free(text);
}

static const char *status_of(const struct central_reply *reply)
{
    const char *status = reply->outcome == CENTRAL_ANSWERED
                             ? json_string_value(json_object_get(reply->payload, "status"))
                             : NULL;
    return status != NULL ? status : "";
}

/* @return TYPES when it is none, after an answer; none given: TYPES without one */
static size_t type_of(struct request *r, bool wanted, bool *ret_good)
{
    const char *word;
    *ret_good = cert_body_text(r, "type", wanted, &word);
    if (!*ret_good || word == NULL)
        return TYPES;
    for (size_t i = 0; i < TYPES; i++)
        if (strcmp(word, types[i]) == 0)
            return i;
    *ret_good = false;
    request_fail(r, 422, "invalid-data", "type", "type: must be %s or %s", types[0], types[1]);
    return TYPES;
}

/* A station's answer that is passed on when its consequences are committed. */
struct late {
    struct request *request;
    struct central_reply reply;
};

static void late_committed(void *arg, enum store_rc rc, const union store_result *result)
{
    struct late *late = arg;
    (void)rc; /* what the station said is so, whether it could be noted or not */
    (void)result;
    route_call_reply(late->request, &late->reply);
    json_decref(late->reply.payload);
    free(late);
}

/* Only of answered requests; nobody waits when memory is out: then the answer goes out at once. */
static struct store_done late_answer(struct request *r, const struct central_reply *reply)
{
    struct late *late = calloc(1, sizeof(*late));
    if (late == NULL) {
        route_call_reply(r, reply);
        return (struct store_done){ .fn = NULL };
    }
    late->request = r;
    late->reply = *reply;
    late->reply.text = "";
    json_incref(late->reply.payload);
    return (struct store_done){ .fn = late_committed, .arg = late };
}

/* --- M03: what has it installed --- */

struct query {
    struct request *request;
    size_t at, end; /* types that are still to be asked for */
};

static const char *member(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text != NULL ? text : "";
}

/* done, if it has a function, is called in any case. */
static void keep_list(struct request *r, size_t type, const json_t *list, struct store_done done)
{
    size_t n = json_array_size(list);
    struct store_installed *row = calloc(n + 1, sizeof(*row));
    for (size_t i = 0; row != NULL && i < n; i++) {
        const json_t *in = json_array_get(list, i);
        row[i] = (struct store_installed){ .hash = member(in, "hashAlgorithm"),
                                           .issuer_name_hash = member(in, "issuerNameHash"),
                                           .issuer_key_hash = member(in, "issuerKeyHash"),
                                           .serial = member(in, "serialNumber") };
    }
    bool taken =
        row != NULL && store_cert_installed(r->admin->options.store, r->param[0], types[type], row,
                                            n, admin_now(r->admin).utc_ms, done);
    if (!taken && done.fn != NULL)
        done.fn(done.arg, STORE_FULL, NULL);
    free(row);
}

static void query_next(struct query *query);

/* The rows are read when they are committed. */
static void query_committed(void *arg, enum store_rc rc, const union store_result *result)
{
    struct query *query = arg;
    struct request *r = query->request;
    (void)result;
    query->at++;
    if (rc == STORE_OK && query->at < query->end) {
        query_next(query);
        return;
    }
    if (rc != STORE_OK)
        request_fail_rc(r, rc, NULL, NULL);
    else
        request_ask(r, read_rows, NULL, NULL);
    request_unref(r);
    free(query);
}

static void query_answered(void *arg, const struct central_reply *reply)
{
    struct query *query = arg;
    struct store_done done = { .fn = query_committed, .arg = query };
    if (reply->outcome != CENTRAL_ANSWERED) {
        route_call_reply(query->request, reply);
        free(query);
        return;
    }
    /* NotFound: it has none of this type. */
    keep_list(query->request, query->at, json_object_get(reply->payload, "certificateHashData"),
              done);
}

static void query_next(struct query *query)
{
    ask(query->request, "GetInstalledCertificateIds",
        json_pack("{s:s}", "certificateType", types[query->at]), query_answered, query);
}

void route_station_cert_query(struct request *r)
{
    bool good;
    size_t type = type_of(r, false, &good);
    struct query *query = good && station_is_known(r) ? calloc(1, sizeof(*query)) : NULL;
    if (query == NULL) {
        if (r->status == 0)
            request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    query->request = r;
    query->at = type < TYPES ? type : 0;
    query->end = type < TYPES ? type + 1 : TYPES;
    request_ref(r);
    query_next(query);
}

/* --- M05: install --- */

struct installing {
    struct request *request;
    size_t type;
    char *pem; /* exactly what was given */
    struct pki_certificate facts;
};

static void installing_free(struct installing *w)
{
    free(w->pem);
    free(w);
}

/* Worker: is it one certificate, and not too long? */
static enum store_rc check_root(struct question *q, struct reader *db)
{
    struct installing *w = q->state;
    size_t len = strlen(w->pem);
    (void)db;
    if (len > PKI_ROOT_MAX) {
        snprintf(q->text, sizeof(q->text),
                 "certificate: has %zu characters, OCPP allows %d: leave out comments and the rest "
                 "of the chain",
                 len, PKI_ROOT_MAX);
        return STORE_CONFLICT;
    }
    return pki_count(w->pem, len, q->text, sizeof(q->text)) > 0 &&
                   pki_read(w->pem, len, 0, &w->facts, q->text, sizeof(q->text))
               ? STORE_OK
               : STORE_CONFLICT;
}

static void installed(void *arg, const struct central_reply *reply)
{
    struct installing *w = arg;
    struct request *r = w->request;
    const char *status = status_of(reply);
    request_ref(r); /* over its answer */
    if (strcmp(status, "Accepted") == 0) {
        struct store_certificate record =
            cert_record(&w->facts, w->pem, STORE_CERT_ROOT, NULL, admin_now(r->admin).utc_ms);
        struct store_done done = late_answer(r, reply);
        cert_tell(r, "cert.installed", STORE_INFO, r->param[0], "took the %s %s", types[w->type],
                  w->facts.subject);
        if (!store_certificate(r->admin->options.store, &record, done) && done.fn != NULL)
            done.fn(done.arg, STORE_FULL, NULL);
    } else {
        if (reply->outcome == CENTRAL_ANSWERED)
            cert_tell(r, "cert.install-refused", STORE_WARNING, r->param[0],
                      "answered %s to the %s %s", status, types[w->type], w->facts.subject);
        route_call_reply(r, reply);
    }
    request_unref(r);
    installing_free(w);
}

static void install(struct request *r, struct question *q)
{
    struct installing *w = q->state;
    if (q->rc != STORE_OK || r->admin->closing) {
        if (q->rc == STORE_CONFLICT)
            request_fail(r, 422, "invalid-data", "certificate", "%s", q->text);
        else
            question_answer(r, q);
        installing_free(w);
        return;
    }
    w->request = r;
    request_ref(r);
    ask(r, "InstallCertificate",
        json_pack("{s:s,s:s}", "certificateType", types[w->type], "certificate", w->pem), installed,
        w);
}

void route_station_cert_install(struct request *r)
{
    bool good;
    const char *pem;
    size_t type = type_of(r, true, &good);
    if (!good || !cert_body_text(r, "certificate", true, &pem) || !station_is_known(r))
        return;
    struct installing *w = calloc(1, sizeof(*w));
    if (w != NULL && (w->pem = strdup(pem)) != NULL) {
        w->type = type;
        request_ask(r, check_root, install, w);
    } else {
        free(w);
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
    }
}

/* --- M04: delete, with the hash data exactly as the station reported it --- */

struct deletion {
    struct request *request;
    const char *what; /* of the body: serial, fingerprint, subject or CN; NULL = given */
    json_t *given;    /* hash data of the body */
    size_t n_found, n_central;
    bool is_central;      /* the one that was found */
    json_t *rows, *found; /* all of the station, the one that is meant */
    struct known_list known;
};

static void deletion_free(struct deletion *d)
{
    json_decref(d->rows);
    json_decref(d->given);
    json_decref(d->found);
    free(d->known.item);
    free(d);
}

static bool is_meant(const struct deletion *d, const struct store_installed *row)
{
    const struct known *known = known_find(&d->known, row);
    if (pki_serial_equal(row->serial, d->what))
        return true;
    return known != NULL &&
           ((strlen(d->what) >= 8 &&
             strncmp(known->facts.fingerprint, d->what, strlen(d->what)) == 0) ||
            strcmp(known->facts.subject, d->what) == 0 || strcmp(known->facts.cn, d->what) == 0);
}

static json_t *hash_data(const struct store_installed *row)
{
    return json_pack("{s:s,s:s,s:s,s:s}", "hashAlgorithm", row->hash, "issuerNameHash",
                     row->issuer_name_hash, "issuerKeyHash", row->issuer_key_hash, "serialNumber",
                     row->serial);
}

static bool is_given(const struct deletion *d, const struct store_installed *row)
{
    return pki_hex_equal(member(d->given, "hashAlgorithm"), row->hash) &&
           pki_hex_equal(member(d->given, "issuerNameHash"), row->issuer_name_hash) &&
           pki_hex_equal(member(d->given, "issuerKeyHash"), row->issuer_key_hash) &&
           pki_serial_equal(member(d->given, "serialNumber"), row->serial);
}

/* A certificate may be reported for both uses: it is the same one then. */
static bool note_row(void *arg, const struct store_installed *row)
{
    struct deletion *d = arg;
    bool central = strcmp(row->type, types[CENTRAL_ROOT]) == 0;
    json_t *data = hash_data(row);
    d->n_central += central;
    json_array_append_new(d->rows, json_pack("{s:s,s:O}", "type", row->type, "data", data));
    if (d->what != NULL ? is_meant(d, row) : is_given(d, row)) {
        d->n_found += d->found == NULL || !json_equal(data, d->found);
        d->is_central = d->is_central || central;
        json_decref(d->found);
        d->found = json_incref(data);
    }
    json_decref(data);
    return true;
}

static enum store_rc find_row(struct question *q, struct reader *db)
{
    struct deletion *d = q->state;
    const char *station = q->request->param[0];
    enum store_rc rc =
        known_read(&d->known, db) ? reader_installed(db, station, note_row, d) : STORE_IO;
    if (rc != STORE_OK || d->n_found == 1)
        return rc;
    if (d->what == NULL) {
        json_decref(d->found); /* as it was given: the station may know it */
        d->found = json_incref(d->given);
        return STORE_OK;
    }
    if (d->n_found > 1) {
        snprintf(q->text, sizeof(q->text),
                 "several certificates of %.48s fit '%.60s': give its fingerprint or the hash data",
                 station, d->what);
        return STORE_CONFLICT;
    }
    snprintf(q->text, sizeof(q->text),
             "%.48s has reported no certificate '%.60s'; ask it with 'noxctl cert installed %.48s'",
             station, d->what, station);
    return STORE_MISSING;
}

/* The lists without it, so that people see at once that it has gone. */
static void forget_row(struct deletion *d, struct store_done done)
{
    struct store_done nobody = { .fn = NULL };
    for (size_t type = 0; type < TYPES; type++) {
        json_t *left = json_array(), *row;
        size_t i;
        json_array_foreach(d->rows, i, row)
        {
            if (strcmp(member(row, "type"), types[type]) == 0 &&
                !json_equal(json_object_get(row, "data"), d->found))
                json_array_append(left, json_object_get(row, "data"));
        }
        keep_list(d->request, type, left, type + 1 < TYPES ? nobody : done);
        json_decref(left);
    }
}

static void deleted(void *arg, const struct central_reply *reply)
{
    struct deletion *d = arg;
    struct request *r = d->request;
    const char *status = status_of(reply);
    request_ref(r); /* over its answer */
    if (strcmp(status, "Accepted") == 0)
        cert_tell(r, "cert.deleted", STORE_WARNING, r->param[0],
                  "deleted the certificate with serial number %s",
                  member(d->found, "serialNumber"));
    if (strcmp(status, "Accepted") == 0 || strcmp(status, "NotFound") == 0)
        forget_row(d, late_answer(r, reply));
    else
        route_call_reply(r, reply);
    request_unref(r);
    deletion_free(d);
}

static bool may_delete(struct request *r, const struct deletion *d)
{
    bool reported = d->n_found > 0;
    if ((reported && (!d->is_central || d->n_central > 1)) ||
        json_is_true(json_object_get(r->json, "confirm")))
        return true;
    request_fail(
        r, 412, "confirmation-needed", "confirm",
        "nothing done: %s. Without a CentralSystemRootCertificate the station cannot trust "
        "noxd any more and is lost until somebody stands before it. With --yes it is "
        "deleted all the same",
        reported ? "it is the last CentralSystemRootCertificate that the station reported"
                 : "the station has not reported this certificate, so it may be its last "
                   "CentralSystemRootCertificate");
    return false;
}

static void delete_it(struct request *r, struct question *q)
{
    struct deletion *d = q->state;
    if (q->rc != STORE_OK || r->admin->closing) {
        request_fail_rc(r, q->rc != STORE_OK ? q->rc : STORE_STOPPED, NULL, q->text);
        deletion_free(d);
        return;
    }
    if (!may_delete(r, d)) {
        deletion_free(d);
        return;
    }
    d->request = r;
    request_ref(r);
    ask(r, "DeleteCertificate", json_pack("{s:O}", "certificateHashData", d->found), deleted, d);
}

static bool hash_data_is_good(struct request *r, const json_t *data)
{
    static const char *const names[] = { "hashAlgorithm", "issuerNameHash", "issuerKeyHash",
                                         "serialNumber" };
    for (size_t i = 0; i < 4; i++)
        if (member(data, names[i])[0] == '\0') {
            request_fail(r, 422, "invalid-data", "hash_data",
                         "hash_data: must have hashAlgorithm, issuerNameHash, issuerKeyHash and "
                         "serialNumber, as the station reported them");
            return false;
        }
    return true;
}

void route_station_cert_delete(struct request *r)
{
    const char *what;
    json_t *data = json_object_get(r->json, "hash_data");
    if (!cert_body_text(r, "certificate", data == NULL, &what) ||
        (data != NULL && !hash_data_is_good(r, data)) || !station_is_known(r))
        return;
    struct deletion *d = calloc(1, sizeof(*d));
    if (d == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    d->what = data == NULL ? what : NULL;
    d->given = data != NULL ? json_deep_copy(data) : NULL;
    d->rows = json_array();
    request_ask(r, find_row, delete_it, d);
}

/* --- A02: a new certificate --- */

struct renewal {
    bool cpo_is_set; /* the station has our name already */
    struct request *request;
};

static bool note_cpo_name(void *arg, const struct store_config_key *key, int64_t at_ms)
{
    struct renewal *w = arg;
    (void)at_ms;
    if (!ocpp_ci_equal(key->key, "CpoName"))
        return true;
    w->cpo_is_set =
        key->value != NULL && strcmp(key->value, cert_options(w->request)->cpo_name) == 0;
    return false;
}

static enum store_rc read_cpo_name(struct question *q, struct reader *db)
{
    struct renewal *w = q->state;
    w->request = q->request;
    return cert_options(q->request)->cpo_name == NULL
               ? STORE_OK
               : reader_station_config(db, q->request->param[0], note_cpo_name, w);
}

/* CpoName first: the station puts it into its request (A02.FR.02). */
static void renew(struct request *r, struct question *q)
{
    const struct renewal *w = q->state;
    const char *cpo = cert_options(r)->cpo_name;
    if (q->rc != STORE_OK || r->admin->closing) {
        question_answer(r, q);
    } else {
        if (cpo != NULL && !w->cpo_is_set)
            ask(r, "ChangeConfiguration", json_pack("{s:s,s:s}", "key", "CpoName", "value", cpo),
                NULL, NULL);
        request_ref(r);
        ask(r, "ExtendedTriggerMessage",
            json_pack("{s:s}", "requestedMessage", "SignChargePointCertificate"), route_call_reply,
            r);
    }
    free(q->state);
}

void route_station_cert_renew(struct request *r)
{
    struct renewal *w = station_is_known(r) ? calloc(1, sizeof(*w)) : NULL;
    if (w != NULL)
        request_ask(r, read_cpo_name, renew, w);
    else if (r->status == 0)
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
}
