/* The CA, requests of stations, certificates. */
#include "cmd/noxd/route_cert.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/pki/csr.h"

enum { TEXT_SIZE = 400, CA_DAYS = 3650, REQUESTS_MAX = 10000 };

/* --- the body, who and why --- */

bool cert_body_text(struct request *r, const char *name, bool wanted, const char **ret_text)
{
    const json_t *value = json_object_get(r->json, name);
    *ret_text = json_string_value(value);
    if (*ret_text != NULL || (value == NULL && !wanted))
        return true;
    request_fail(r, 422, "invalid-data", name, "%s: %s", name,
                 value == NULL ? "is missing" : "must be a text");
    return false;
}

bool cert_body_int(struct request *r, const char *name, int64_t min, int64_t max, int64_t fallback,
                   int64_t *ret_value)
{
    const json_t *value = json_object_get(r->json, name);
    *ret_value = value == NULL ? fallback : json_integer_value(value);
    if ((value == NULL || json_is_integer(value)) && *ret_value >= min && *ret_value <= max)
        return true;
    request_fail(r, 422, "invalid-data", name,
                 "%s: must be a whole number from %" PRId64 " to %" PRId64, name, min, max);
    return false;
}

void cert_who_why(const struct request *r, char *ret_text, size_t size)
{
    const char *why = request_why(r);
    snprintf(ret_text, size, "%s%s%s", request_who(r), why[0] != '\0' ? ": " : "", why);
}

void cert_tell(const struct request *r, const char *name, enum store_severity severity,
               const char *station, const char *format, ...)
{
    char text[600], who[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    cert_who_why(r, who, sizeof(who));
    size_t len = strlen(text);
    snprintf(text + len, sizeof(text) - len, " (%s)", who);
    struct store_event event = { .at_ms = admin_now(r->admin).utc_ms,
                                 .name = name,
                                 .severity = severity,
                                 .station = station,
                                 .connector = -1,
                                 .text = text };
    cert_options(r)->tell(cert_options(r)->arg, &event);
}

bool cert_reload(struct request *r)
{
    char text[TEXT_SIZE] = "";
    if (cert_options(r)->reload(cert_options(r)->arg, text, sizeof(text)))
        return true;
    request_fail(r, 500, "tls", NULL,
                 "it is stored, but the wss listeners could not take it: %s; put it right, then "
                 "send noxd SIGHUP",
                 text);
    return false;
}

/* --- the CA --- */

static const char *const policies[] = { "manual", "renewals", "auto" };

static void put_facts(struct ocpp_text *out, const struct pki_certificate *c)
{
    jout_text(out, "subject", c->subject);
    jout_text(out, "issuer", c->issuer);
    jout_text(out, "serial", c->serial);
    jout_text(out, "fingerprint", c->fingerprint);
    jout_text(out, "key", c->key);
    jout_time(out, "not_before", c->not_before_ms);
    jout_time(out, "not_after", c->not_after_ms);
}

static void put_ca(struct request *r, struct ocpp_text *out, const struct pki_authority *a,
                   const char *pem)
{
    const struct pki_certificate *c = pki_authority_certificate(a);
    jout_open(out, NULL, '{');
    put_facts(out, c);
    jout_bool(out, "can_sign", pki_authority_can_sign(a));
    jout_text(out, "policy", policies[r->admin->options.cert_policy]);
    jout_int(out, "days", cert_options(r)->days);
    jout_text(out, "file", cert_options(r)->dir);
    jout_text(out, "pem", pem);
    jout_close(out, '}');
}

/* Worker: the CA as it lies in the files. */
static enum store_rc read_ca(struct question *q, struct reader *db)
{
    bool missing;
    const char *dir = cert_options(q->request)->dir;
    (void)db;
    struct pki_authority *a = cert_files_authority(dir, &missing, q->text, sizeof(q->text));
    if (a == NULL)
        return missing ? STORE_MISSING : STORE_IO;
    char *pem = cert_file_read(dir, "ca.pem");
    put_ca(q->request, &q->out, a, pem != NULL ? pem : "");
    free(pem);
    pki_authority_free(a);
    return STORE_OK;
}

void route_cert_ca(struct request *r)
{
    request_ask(r, read_ca, NULL, NULL);
}

/* A CA that is to be put in place; arguments lent by the request's body. */
struct ca_wish {
    struct pki_authority_plan plan;
    const char *cert, *key; /* import; NULL = make one */
    bool replace;
    struct pki_certificate facts;
    char *pem; /* owned: what was made */
};

static enum store_rc put_ca_files(struct question *q, struct ca_wish *w, const char *key)
{
    const char *dir = cert_options(q->request)->dir;
    struct pki_authority *a = pki_authority_new(
        w->pem, strlen(w->pem), key, key != NULL ? strlen(key) : 0, q->text, sizeof(q->text));
    if (a == NULL)
        return STORE_CONFLICT;
    w->facts = *pki_authority_certificate(a);
    bool good = w->facts.not_after_ms > cert_now_ms();
    if (!good)
        snprintf(q->text, sizeof(q->text), "the CA's certificate has expired");
    else
        good = cert_files_put_authority(dir, w->pem, key, q->text, sizeof(q->text));
    if (good)
        put_ca(q->request, &q->out, a, w->pem);
    pki_authority_free(a);
    return good ? STORE_OK : STORE_CONFLICT;
}

/* Worker. */
static enum store_rc make_ca(struct question *q, struct reader *db)
{
    struct ca_wish *w = q->state;
    (void)db;
    char *old = cert_file_read(cert_options(q->request)->dir, "ca.pem"), *key = NULL;
    char none[TEXT_SIZE];
    size_t n;
    bool there = old != NULL;
    free(old);
    if (there && !w->replace) {
        snprintf(q->text, sizeof(q->text),
                 "there is a CA already ('noxctl cert ca show'); with --replace the new one signs "
                 "from now on, and what the old one signed stays valid until its end");
        return STORE_CONFLICT;
    }
    if (w->cert != NULL)
        w->pem = strdup(w->cert);
    else if (!pki_authority_make(&w->plan, cert_now_ms(), &w->pem, &key, q->text, sizeof(q->text)))
        w->pem = NULL;
    enum store_rc rc =
        w->pem != NULL ? put_ca_files(q, w, w->cert != NULL ? w->key : key) : STORE_CONFLICT;
    pki_secret_free(key);
    if (rc == STORE_OK) /* without its key it cannot make one: then there is none */
        cert_files_put_crl(cert_options(q->request)->dir, cert_options(q->request)->db_path, &n,
                           none, sizeof(none));
    return rc;
}

static void ca_is_made(struct request *r, struct question *q)
{
    struct ca_wish *w = q->state;
    if (q->rc == STORE_OK) {
        struct store_done nobody = { .fn = NULL };
        struct store_certificate record =
            cert_record(&w->facts, w->pem, STORE_CERT_CA, NULL, admin_now(r->admin).utc_ms);
        store_certificate(r->admin->options.store, &record, nobody);
        cert_tell(r, "cert.ca", STORE_WARNING, NULL,
                  "%s is the CA that signs for stations from now on", w->facts.subject);
    }
    if (q->rc != STORE_OK || cert_reload(r))
        question_answer(r, q);
    free(w->pem);
    free(w);
}

static bool read_key_kind(struct request *r, enum pki_key_kind *ret_kind)
{
    static const char *const words[] = { "ec", "ec384", "rsa2048", "rsa3072", "rsa4096" };
    const char *word;
    if (!cert_body_text(r, "key", false, &word))
        return false;
    *ret_kind = PKI_EC_P256;
    for (size_t i = 0; word != NULL && i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(word, words[i]) == 0) {
            *ret_kind = (enum pki_key_kind)i;
            return true;
        }
    if (word != NULL)
        request_fail(r, 422, "invalid-data", "key",
                     "key: must be ec, ec384, rsa2048, rsa3072 or rsa4096");
    return word == NULL;
}

void route_cert_ca_init(struct request *r)
{
    int64_t days;
    struct ca_wish *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    w->replace = json_is_true(json_object_get(r->json, "replace"));
    if (!cert_body_text(r, "name", false, &w->plan.cn) ||
        !cert_body_text(r, "organization", false, &w->plan.organization) ||
        !cert_body_int(r, "days", 1, 36500, CA_DAYS, &days) || !read_key_kind(r, &w->plan.key)) {
        free(w);
        return;
    }
    w->plan.days = (int32_t)days;
    if (w->plan.cn == NULL)
        w->plan.cn = "NOX-Block station CA";
    if (w->plan.organization == NULL)
        w->plan.organization = cert_options(r)->cpo_name;
    request_ask(r, make_ca, ca_is_made, w);
}

void route_cert_ca_import(struct request *r)
{
    struct ca_wish *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    w->replace = json_is_true(json_object_get(r->json, "replace"));
    if (!cert_body_text(r, "certificate", true, &w->cert) ||
        !cert_body_text(r, "key", false, &w->key)) {
        free(w);
        return;
    }
    request_ask(r, make_ca, ca_is_made, w);
}

static enum store_rc read_crl(struct question *q, struct reader *db)
{
    (void)db;
    char *pem = cert_file_read(cert_options(q->request)->dir, "crl.pem");
    if (pem == NULL) {
        snprintf(q->text, sizeof(q->text),
                 "there is no revocation list: the local CA makes one ('noxctl cert ca init')");
        return STORE_MISSING;
    }
    jout_open(&q->out, NULL, '{');
    jout_text(&q->out, "pem", pem);
    jout_close(&q->out, '}');
    free(pem);
    return STORE_OK;
}

void route_cert_crl(struct request *r)
{
    request_ask(r, read_crl, NULL, NULL);
}

/* --- requests of stations --- */

struct request_list {
    struct ocpp_text *out;
    bool whole;
    size_t n;
};

static bool put_request(void *arg, const struct store_cert_request *c)
{
    struct request_list *l = arg;
    jout_open(l->out, NULL, '{');
    jout_int(l->out, "id", c->id);
    jout_text(l->out, "station", c->station);
    jout_text(l->out, "subject", c->subject);
    jout_text(l->out, "cn", c->cn);
    jout_text(l->out, "key", c->key);
    jout_text(l->out, "state", store_cert_state_text(c->state));
    jout_bool(l->out, "renewal", c->renewal);
    jout_time(l->out, "asked_at", c->asked_at_ms);
    jout_time(l->out, "changed_at", c->changed_at_ms);
    jout_text_or_null(l->out, "who", c->who);
    jout_text_or_null(l->out, "why", c->why);
    jout_text_or_null(l->out, "note", c->note);
    jout_text(l->out, "fingerprint", c->fingerprint);
    if (l->whole) {
        jout_text(l->out, "csr", c->csr);
        jout_text(l->out, "chain", c->chain);
    }
    jout_close(l->out, '}');
    l->n++;
    return true;
}

static enum store_rc read_requests(struct question *q, struct reader *db)
{
    struct request *r = q->request;
    struct request_list list = { .out = &q->out };
    struct reader_cert_request_filter f = { .station = request_query(r, "station"),
                                            .limit = REQUESTS_MAX };
    bool all = f.station != NULL;
    if (!all)
        request_query_flag(r, "all", &all);
    f.open = !all;
    request_query_int(r, "limit", 1, REQUESTS_MAX, 1000, &f.limit);
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_cert_requests(db, &f, put_request, &list);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

void route_cert_requests(struct request *r)
{
    int64_t limit;
    bool all;
    if (request_query_flag(r, "all", &all) &&
        request_query_int(r, "limit", 1, REQUESTS_MAX, 1000, &limit))
        request_ask(r, read_requests, NULL, NULL);
}

static bool request_number(struct request *r, int64_t *ret_id)
{
    char *end;
    *ret_id = strtoll(r->param[0], &end, 10);
    if (*end == '\0' && *ret_id > 0)
        return true;
    request_fail(r, 404, "not-found", NULL,
                 "%s is no number of a certificate request; 'noxctl cert pending' lists them",
                 r->param[0]);
    return false;
}

static enum store_rc fail_no_request(struct question *q)
{
    snprintf(q->text, sizeof(q->text),
             "there is no certificate request %s; 'noxctl cert pending --all' lists them",
             q->request->param[0]);
    return STORE_MISSING;
}

static enum store_rc read_one_request(struct question *q, struct reader *db)
{
    struct request_list list = { .out = &q->out, .whole = true };
    struct reader_cert_request_filter f = { .id = strtoll(q->request->param[0], NULL, 10) };
    enum store_rc rc = reader_cert_requests(db, &f, put_request, &list);
    return rc == STORE_OK && list.n == 0 ? fail_no_request(q) : rc;
}

void route_cert_request(struct request *r)
{
    int64_t id;
    if (request_number(r, &id))
        request_ask(r, read_one_request, NULL, NULL);
}

/* --- decisions: the station is looked up, then the central system decides --- */

struct decision {
    char station[64];
    int32_t state;
    char *csr, *pem, *chain;
    struct pki_certificate facts;
    bool approve, sign;
};

static void decision_free(struct decision *d)
{
    free(d->csr);
    free(d->pem);
    free(d->chain);
    free(d);
}

static bool note_request(void *arg, const struct store_cert_request *c)
{
    struct decision *d = arg;
    snprintf(d->station, sizeof(d->station), "%s", c->station);
    d->state = c->state;
    d->csr = strdup(c->csr);
    return false;
}

/* Worker: a chain that was signed elsewhere must answer the request. */
static enum store_rc check_chain(struct question *q, struct decision *d)
{
    bool missing;
    const char *chain = json_string_value(json_object_get(q->request->json, "chain"));
    struct pki_authority *a =
        cert_files_authority(cert_options(q->request)->dir, &missing, q->text, sizeof(q->text));
    if (a == NULL)
        return STORE_CONFLICT;
    bool good = pki_chain_fits(a, chain, strlen(chain), d->csr, strlen(d->csr), cert_now_ms(),
                               q->text, sizeof(q->text)) &&
                pki_read(chain, strlen(chain), 0, &d->facts, q->text, sizeof(q->text)) &&
                (d->pem = pki_one(chain, strlen(chain), 0, q->text, sizeof(q->text))) != NULL;
    pki_authority_free(a);
    if (good && strlen(chain) > PKI_CHAIN_MAX) {
        snprintf(q->text, sizeof(q->text), "the chain has %zu characters: OCPP allows %d",
                 strlen(chain), PKI_CHAIN_MAX);
        good = false;
    }
    d->chain = good ? strdup(chain) : NULL;
    return good ? STORE_OK : STORE_CONFLICT;
}

/* Worker: approving what nobody here can sign would lose the request. */
static enum store_rc check_authority(struct question *q)
{
    bool missing;
    struct pki_authority *a =
        cert_files_authority(cert_options(q->request)->dir, &missing, q->text, sizeof(q->text));
    bool good = a != NULL && pki_authority_can_sign(a);
    if (a != NULL && !good)
        snprintf(q->text, sizeof(q->text),
                 "the CA's key is not here: 'noxctl cert csr %.20s' gives out the request, 'noxctl "
                 "cert sign %.20s --cert FILE' takes what was signed",
                 q->request->param[0], q->request->param[0]);
    pki_authority_free(a);
    return good ? STORE_OK : STORE_CONFLICT;
}

static enum store_rc read_decision(struct question *q, struct reader *db)
{
    struct decision *d = q->state;
    struct reader_cert_request_filter f = { .id = strtoll(q->request->param[0], NULL, 10) };
    enum store_rc rc = reader_cert_requests(db, &f, note_request, d);
    if (rc != STORE_OK)
        return rc;
    if (d->csr == NULL)
        return fail_no_request(q);
    return d->sign ? check_chain(q, d) : d->approve ? check_authority(q) : STORE_OK;
}

struct deciding {
    struct request *request;
    char station[64];
    bool approve;
};

static void decided(void *arg, enum store_rc rc)
{
    struct deciding *d = arg;
    struct request *r = d->request;
    if (rc == STORE_CONFLICT) {
        request_fail(r, 409, "conflict", NULL,
                     "request %s is not open any more: it was decided, or %s sent a newer one; "
                     "'noxctl cert pending --all' shows them",
                     r->param[0], d->station);
    } else if (rc != STORE_OK) {
        request_fail_rc(r, rc, NULL, NULL);
    } else {
        jout_open(&r->out, NULL, '{');
        jout_int(&r->out, "id", strtoll(r->param[0], NULL, 10));
        jout_text(&r->out, "station", d->station);
        jout_text(&r->out, "state", d->approve ? "approved" : "refused");
        jout_close(&r->out, '}');
        request_answer(r, 200);
    }
    request_unref(r);
    free(d);
}

static void decide(struct request *r, struct question *q)
{
    struct decision *d = q->state;
    struct deciding *deciding = q->rc == STORE_OK ? calloc(1, sizeof(*deciding)) : NULL;
    struct instant now = admin_now(r->admin);
    int64_t id = strtoll(r->param[0], NULL, 10);
    if (deciding == NULL || r->admin->closing) {
        free(deciding);
        request_fail_rc(r, q->rc != STORE_OK ? q->rc : STORE_STOPPED, NULL, q->text);
        decision_free(d);
        return;
    }
    deciding->request = r;
    deciding->approve = d->approve || d->sign;
    snprintf(deciding->station, sizeof(deciding->station), "%s", d->station);
    request_ref(r);
    if (d->sign) {
        struct store_certificate record =
            cert_record(&d->facts, d->pem, STORE_CERT_STATION, d->station, now.utc_ms);
        record.request = id;
        central_csr_signed(r->admin->options.central, d->station, &record, d->chain, "", decided,
                           deciding, now);
    } else {
        central_cert_decide(r->admin->options.central, d->station, id, d->approve, request_who(r),
                            request_why(r), decided, deciding, now);
    }
    decision_free(d);
}

static void begin_decision(struct request *r, bool approve, bool sign)
{
    int64_t id;
    struct decision *d;
    if (!request_number(r, &id) || !admin_can_write(r))
        return;
    d = calloc(1, sizeof(*d));
    if (d == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    d->approve = approve;
    d->sign = sign;
    request_ask(r, read_decision, decide, d);
}

void route_cert_approve(struct request *r)
{
    begin_decision(r, true, false);
}

void route_cert_reject(struct request *r)
{
    begin_decision(r, false, false);
}

void route_cert_sign(struct request *r)
{
    const char *chain;
    if (cert_body_text(r, "chain", true, &chain))
        begin_decision(r, false, true);
}

/* --- certificates --- */

struct cert_list {
    struct ocpp_text *out;
    bool whole;
    size_t n;
    int32_t kind; /* this and what follows: of the last one */
    char fingerprint[PKI_FINGERPRINT_SIZE];
    char subject[PKI_NAME_SIZE], station[64], issuer[PKI_NAME_SIZE];
};

static const char *state_of(const struct store_certificate *c, int64_t now_ms)
{
    return c->revoked_at_ms != STORE_ABSENT    ? "revoked"
           : c->not_after_ms <= now_ms         ? "expired"
           : c->replaced_at_ms != STORE_ABSENT ? "replaced"
           : c->kind != STORE_CERT_STATION     ? "valid"
           : c->seen_at_ms != STORE_ABSENT     ? "in use"
                                               : "not seen";
}

static bool put_certificate(void *arg, const struct store_certificate *c)
{
    struct cert_list *l = arg;
    int64_t now_ms = cert_now_ms();
    jout_open(l->out, NULL, '{');
    jout_text(l->out, "fingerprint", c->fingerprint);
    jout_text(l->out, "kind", store_cert_kind_text(c->kind));
    jout_text(l->out, "station", c->station);
    jout_text(l->out, "state", state_of(c, now_ms));
    jout_text(l->out, "subject", c->subject);
    jout_text(l->out, "cn", c->cn);
    jout_text(l->out, "issuer", c->issuer);
    jout_text(l->out, "serial", c->serial);
    jout_text(l->out, "key", c->key);
    jout_time(l->out, "not_before", c->not_before_ms);
    jout_time(l->out, "not_after", c->not_after_ms);
    jout_int(l->out, "days_left", (c->not_after_ms - now_ms) / 86400000);
    jout_int(l->out, "request", c->request > 0 ? c->request : STORE_ABSENT);
    jout_time(l->out, "seen_at", c->seen_at_ms);
    jout_time(l->out, "replaced_at", c->replaced_at_ms);
    jout_time(l->out, "revoked_at", c->revoked_at_ms);
    jout_text_or_null(l->out, "note", c->note);
    if (l->whole)
        jout_text(l->out, "pem", c->pem);
    jout_close(l->out, '}');
    l->n++;
    l->kind = c->kind;
    snprintf(l->fingerprint, sizeof(l->fingerprint), "%s", c->fingerprint);
    snprintf(l->subject, sizeof(l->subject), "%s", c->subject);
    snprintf(l->issuer, sizeof(l->issuer), "%s", c->issuer);
    snprintf(l->station, sizeof(l->station), "%s", c->station != NULL ? c->station : "");
    return true;
}

static enum store_rc read_certs(struct question *q, struct reader *db)
{
    struct request *r = q->request;
    struct cert_list list = { .out = &q->out };
    int64_t days;
    struct reader_cert_filter f = { .station = request_query(r, "station") };
    request_query_int(r, "ending_days", 0, 36500, 0, &days);
    request_query_flag(r, "revoked", &f.revoked);
    f.ending_ms = days > 0 ? cert_now_ms() + days * 86400000 : 0;
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_certificates(db, &f, put_certificate, &list);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

void route_certs(struct request *r)
{
    int64_t days;
    bool revoked;
    if (request_query_int(r, "ending_days", 0, 36500, 0, &days) &&
        request_query_flag(r, "revoked", &revoked))
        request_ask(r, read_certs, NULL, NULL);
}

/* The one certificate that the path means. */
static enum store_rc find_one(struct question *q, struct reader *db, struct cert_list *list)
{
    const char *what = q->request->param[0];
    struct reader_cert_filter f = { .fingerprint = what };
    enum store_rc rc = reader_certificates(db, &f, put_certificate, list);
    if (rc != STORE_OK || list->n == 1)
        return rc;
    snprintf(q->text, sizeof(q->text),
             list->n == 0 ? "there is no certificate %.64s; 'noxctl cert list' shows them"
                          : "several certificates begin with %.64s: give more of it",
             what);
    return list->n == 0 ? STORE_MISSING : STORE_CONFLICT;
}

static enum store_rc read_cert(struct question *q, struct reader *db)
{
    struct cert_list list = { .out = &q->out, .whole = true };
    return find_one(q, db, &list);
}

void route_cert(struct request *r)
{
    request_ask(r, read_cert, NULL, NULL);
}

/* --- revocation: the store first, then the list, then the door --- */

static enum store_rc read_to_revoke(struct question *q, struct reader *db)
{
    struct cert_list *list = q->state;
    list->out = &q->out;
    enum store_rc rc = find_one(q, db, list);
    ocpp_text_reset(&q->out);
    if (rc == STORE_OK && list->kind != STORE_CERT_STATION) {
        snprintf(q->text, sizeof(q->text),
                 "only certificates of stations are revoked here; this one is of kind %s",
                 store_cert_kind_text(list->kind));
        return STORE_CONFLICT;
    }
    return rc;
}

static enum store_rc write_crl(struct question *q, struct reader *db)
{
    bool missing;
    size_t n = 0;
    (void)db;
    const char *dir = cert_options(q->request)->dir;
    struct pki_authority *a = cert_files_authority(dir, &missing, q->text, sizeof(q->text));
    bool can = a != NULL && pki_authority_can_sign(a);
    pki_authority_free(a);
    bool written = can && cert_files_put_crl(dir, cert_options(q->request)->db_path, &n, q->text,
                                             sizeof(q->text));
    if (can && !written)
        return STORE_IO;
    q->text[0] = '\0';
    jout_open(&q->out, NULL, '{');
    jout_text(&q->out, "state", "revoked");
    jout_bool(&q->out, "crl", written);
    jout_int(&q->out, "revoked", (int64_t)n);
    return STORE_OK;
}

static void crl_written(struct request *r, struct question *q)
{
    struct cert_list *list = q->state;
    struct instant now = admin_now(r->admin);
    size_t closed = 0;
    if (!r->admin->closing) /* the store says so, whatever became of the list */
        closed = central_cert_drop(r->admin->options.central, list->fingerprint, now);
    if (q->rc != STORE_OK || r->admin->closing) {
        question_answer(r, q);
    } else if (cert_reload(r)) {
        jout_int(&q->out, "closed", (int64_t)closed);
        jout_text(&q->out, "fingerprint", list->fingerprint);
        jout_close(&q->out, '}');
        question_answer(r, q);
    }
    free(list);
}

struct revoking {
    struct request *request;
    struct cert_list *list;
};

static void revoked(void *arg, enum store_rc rc, const union store_result *result)
{
    struct revoking *w = arg;
    struct request *r = w->request;
    (void)result;
    if (rc == STORE_OK) {
        cert_tell(
            r, "cert.revoked", STORE_WARNING, w->list->station[0] != '\0' ? w->list->station : NULL,
            "the certificate %s (%.16s...) was revoked", w->list->subject, w->list->fingerprint);
        request_ask(r, write_crl, crl_written, w->list);
    } else {
        request_fail_rc(r, rc, NULL, NULL);
        free(w->list);
    }
    request_unref(r);
    free(w);
}

static void revoke(struct request *r, struct question *q)
{
    char note[300];
    struct revoking *w = q->rc == STORE_OK ? calloc(1, sizeof(*w)) : NULL;
    cert_who_why(r, note, sizeof(note));
    if (w == NULL || r->admin->closing) {
        request_fail_rc(r, q->rc != STORE_OK ? q->rc : STORE_STOPPED, NULL, q->text);
        free(q->state);
        free(w);
        return;
    }
    *w = (struct revoking){ .request = r, .list = q->state };
    request_ref(r);
    struct store_done done = { .fn = revoked, .arg = w };
    if (!store_cert_revoke(r->admin->options.store, w->list->fingerprint, note,
                           admin_now(r->admin).utc_ms, done))
        revoked(w, STORE_FULL, NULL);
}

void route_cert_revoke(struct request *r)
{
    struct cert_list *list;
    if (!admin_can_write(r))
        return;
    list = calloc(1, sizeof(*list));
    if (list == NULL)
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
    else
        request_ask(r, read_to_revoke, revoke, list);
}
