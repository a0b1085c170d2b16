/*
 * A station's certificate, from its request to its answer (security white paper A02, A03).
 *
 * SignCertificate -> judged -> stored -> answered -> (approved by policy or by an operator) ->
 * signed -> stored -> CertificateSigned -> result stored.  Judging and signing need keys: they go
 * out through the port and come back.  Each step is stored before the next, so a restart goes on
 * where it was; one that the station did not answer is sent again when it connects again.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum {
    CERT_CALL_KEY = 0x43455254, /* one CertificateSigned waits at a time */
    REFUSED_MAX = 10,           /* are told to the operator, per minute and station */
    JUDGED_MAX = 2,             /* are looked at at a time, per station: others wait behind */
    APPROVED_MAX = 10,          /* are approved without asking, per hour and station */
};

/* The open request of a station. */
struct cert {
    struct station *station;
    int64_t id;
    int32_t state; /* STORE_CERT_PENDING, APPROVED or SIGNED */
    char *csr, *chain;
    struct timer timer; /* when it is to be delivered */
    int64_t due_mono_ms;
    bool sending;
    bool deciding; /* an operator's word is being stored */
};

/* A request that is being judged. */
struct csr_ticket {
    struct csr_ticket *next;
    uint64_t number;
    struct pending *pending;
};

static const uint32_t open_states =
    1u << STORE_CERT_PENDING | 1u << STORE_CERT_APPROVED | 1u << STORE_CERT_SIGNED;

/* --- who a completion is for: the station stays as long as one is under way --- */

struct cert_step {
    struct station *station;
    int64_t id;
    uint64_t session; /* number; 0 = none */
    char *text;       /* owned */
    bool approved;
    void (*done)(void *arg, enum store_rc rc);
    void *arg;
};

static struct cert_step *step_new(struct station *s, int64_t id)
{
    struct cert_step *step = calloc(1, sizeof(*step));
    if (step == NULL)
        return NULL;
    step->station = s;
    step->id = id;
    s->n_pending++;
    return step;
}

static void step_free(struct cert_step *step)
{
    struct station *s = step->station;
    free(step->text);
    free(step);
    s->n_pending--;
    station_free_if_gone(s);
}

/* The request that the step was about, if it is still the station's. */
static struct cert *step_cert(const struct cert_step *step)
{
    struct cert *cert = step->station->cert;
    return cert != NULL && cert->id == step->id ? cert : NULL;
}

/* --- the open request --- */

static void deliver(struct cert *cert, struct instant now);

static void on_cert_timer(struct timer *timer, struct instant now)
{
    deliver(timer->owner, now);
}

void certs_forget(struct station *s)
{
    struct cert *cert = s->cert;
    if (cert == NULL)
        return;
    timer_cancel(&s->central->timers, &cert->timer);
    free(cert->csr);
    free(cert->chain);
    free(cert);
    s->cert = NULL;
}

static struct cert *cert_take(struct station *s, int64_t id, int32_t state, const char *csr,
                              const char *chain, int64_t due_mono_ms)
{
    struct cert *cert = calloc(1, sizeof(*cert));
    certs_forget(s);
    if (cert == NULL)
        return NULL; /* it lies in the store: the next start goes on with it */
    *cert = (struct cert){ .station = s,
                           .id = id,
                           .state = state,
                           .csr = strdup(csr),
                           .chain = chain != NULL ? strdup(chain) : NULL,
                           .due_mono_ms = due_mono_ms };
    cert->timer = (struct timer){ .fire = on_cert_timer, .owner = cert };
    s->cert = cert;
    if (cert->csr == NULL || (chain != NULL && cert->chain == NULL)) {
        certs_forget(s);
        return NULL;
    }
    return cert;
}

static void sign(struct cert *cert)
{
    struct central_port *port = &cert->station->central->options.port;
    if (port->csr_sign != NULL)
        port->csr_sign(port->arg, cert->id, cert->station->id, cert->csr);
}

/* --- SignCertificate comes in --- */

/* What is needed when the request has been stored; lives in the pending answer. */
struct csr_stored {
    int32_t state;
    bool renewal;
    char *csr, *subject;
};

static void answer_csr(struct pending *p, bool accepted)
{
    struct ocpp_sign_certificate_conf conf = { .status = accepted ? OCPP_GENERIC_STATUS_ACCEPTED
                                                                  : OCPP_GENERIC_STATUS_REJECTED };
    pending_answer(p, &conf);
}

void on_sign_certificate(const struct request *r, const void *req)
{
    const struct ocpp_sign_certificate_req *in = req;
    struct central *c = r->c;
    struct session *session = r->station->session;
    struct csr_ticket *ticket = calloc(1, sizeof(*ticket));
    struct pending *p = ticket != NULL ? pending_new(r, sizeof(struct csr_stored)) : NULL;
    if (p == NULL) {
        free(ticket);
        return;
    }
    if (c->options.port.csr_judge == NULL || r->station->n_csr_judged >= JUDGED_MAX) {
        free(ticket);
        answer_csr(p, false);
        return;
    }
    r->station->n_csr_judged++;
    *ticket = (struct csr_ticket){ .next = c->ticket, .number = ++c->next_ticket, .pending = p };
    c->ticket = ticket;
    struct central_csr csr = { .ticket = ticket->number,
                               .station = r->station->id,
                               .csr = in->csr != NULL ? in->csr : "",
                               .certificate = session->certificate };
    c->options.port.csr_judge(c->options.port.arg, &csr);
}

static struct pending *ticket_take(struct central *c, uint64_t number)
{
    for (struct csr_ticket **at = &c->ticket; *at != NULL; at = &(*at)->next)
        if ((*at)->number == number) {
            struct csr_ticket *ticket = *at;
            struct pending *p = ticket->pending;
            *at = ticket->next;
            pending_station(p)->n_csr_judged--;
            free(ticket);
            return p;
        }
    return NULL;
}

void certs_done(struct central *c)
{
    while (c->ticket != NULL)
        pending_refuse(ticket_take(c, c->ticket->number), STORE_STOPPED);
}

static bool is_name_of(const struct station *s, const char *cn)
{
    return strcmp(s->id, cn) == 0 || (s->serial != NULL && strcmp(s->serial, cn) == 0) ||
           (s->certificate_cn != NULL && strcmp(s->certificate_cn, cn) == 0);
}

/* By the operator's word, not by its own. */
static bool is_given_name_of(const struct station *s, const char *cn)
{
    return strcmp(s->id, cn) == 0 ||
           (s->certificate_cn != NULL && strcmp(s->certificate_cn, cn) == 0);
}

/* A name that is another station's would let this one speak for it.  But what another tells of
 * itself, or who has only knocked at the door, takes no station's given name away. */
static const struct station *owner_of(const struct central *c, const char *cn,
                                      const struct station *but)
{
    bool given = is_given_name_of(but, cn);
    for (size_t i = 0; i < c->n_stations; i++) {
        const struct station *s = c->station[i];
        bool counts = given ? is_given_name_of(s, cn) && s->registration == STORE_REG_ACCEPTED
                            : is_name_of(s, cn);
        if (s != but && counts)
            return s;
    }
    return NULL;
}

/* CN: as configured; else its identity, or the serial number that it told at its boot
 * (A00.FR.511). */
static bool cn_is_good(const struct station *s, const char *cn, char *ret_text, size_t size)
{
    const struct station *owner = owner_of(s->central, cn, s);
    bool own = s->certificate_cn != NULL ? strcmp(cn, s->certificate_cn) == 0 : is_name_of(s, cn);
    if (owner != NULL)
        snprintf(ret_text, size, "its CN %.64s is that of station %.48s", cn, owner->id);
    else if (!own && s->certificate_cn != NULL)
        snprintf(ret_text, size, "its CN is %.64s, its certificate_cn is %.64s", cn,
                 s->certificate_cn);
    else if (!own)
        snprintf(ret_text, size,
                 "its CN %.64s is neither the station's identity nor its serial number%s%.48s", cn,
                 s->serial != NULL ? " " : " (it told none)", s->serial != NULL ? s->serial : "");
    return own && owner == NULL;
}

/* Will the door let it in with this name? */
static bool is_let_in(const struct station *s, const char *cn)
{
    return strcmp(cn, s->certificate_cn != NULL ? s->certificate_cn : s->id) == 0;
}

static void refuse_csr(struct central *c, struct pending *p, const char *why, struct instant now)
{
    struct station *s = pending_station(p);
    if (rate_within(&s->cert_refused, REFUSED_MAX, 60000, now))
        central_event(c, "cert.unusable", STORE_ALARM, s->id, -1, now,
                      "its certificate request was answered Rejected: %s", why);
    answer_csr(p, false);
}

static void csr_stored_free(struct csr_stored *stored)
{
    free(stored->csr);
    free(stored->subject);
}

static void tell_stored(struct station *s, int64_t id, const struct csr_stored *stored)
{
    struct central *c = s->central;
    if (!station_may_tell(s, c->now))
        return;
    if (stored->state == STORE_CERT_PENDING)
        central_event(c, "cert.pending", STORE_WARNING, s->id, -1, c->now,
                      "asks for a certificate for %s: 'noxctl cert approve %" PRId64
                      "' or 'cert reject %" PRId64 "'",
                      stored->subject, id, id);
    else
        central_event(c, "cert.requested", STORE_INFO, s->id, -1, c->now,
                      "asks for a certificate for %s: %s", stored->subject,
                      stored->renewal ? "a renewal, signed without asking"
                                      : "signed without asking (--cert-policy auto)");
}

static void on_csr_stored(void *arg, enum store_rc rc, const union store_result *result)
{
    struct pending *p = arg;
    struct station *s = pending_station(p);
    struct csr_stored stored = *(struct csr_stored *)pending_extra(p);
    if (rc != STORE_OK) {
        csr_stored_free(&stored);
        pending_refuse(p, rc);
        return;
    }
    struct central *c = s->central;
    s->n_pending++; /* not freed by the answer */
    answer_csr(p, true);
    tell_stored(s, result->count.n, &stored);
    struct cert *cert = cert_take(s, result->count.n, stored.state, stored.csr, NULL,
                                  c->now.mono_ms + c->options.cert_wait_ms);
    if (cert != NULL && cert->state == STORE_CERT_APPROVED)
        sign(cert);
    csr_stored_free(&stored);
    s->n_pending--;
    station_free_if_gone(s);
}

/* A station that asks again and again gets an operator's attention, not ever more certificates. */
static bool approves(struct station *s, const struct central_csr_verdict *v, struct instant now)
{
    const struct central *c = s->central;
    bool by_policy = c->options.cert_policy == CENTRAL_CERT_AUTO ||
                     (c->options.cert_policy == CENTRAL_CERT_RENEWALS && v->renewal);
    return by_policy && v->can_sign && is_let_in(s, v->cn) &&
           rate_within(&s->cert_approved, APPROVED_MAX, 3600000, now);
}

static void keep_csr(struct central *c, struct pending *p, const struct central_csr_verdict *v,
                     struct instant now)
{
    struct station *s = pending_station(p);
    struct csr_stored *stored = pending_extra(p);
    *stored = (struct csr_stored){ .state = approves(s, v, now) ? STORE_CERT_APPROVED
                                                                : STORE_CERT_PENDING,
                                   .renewal = v->renewal,
                                   .csr = strdup(v->pem),
                                   .subject = strdup(v->subject) };
    struct store_cert_request request = {
        .station = s->id,
        .csr = v->pem,
        .subject = v->subject,
        .cn = v->cn,
        .key = v->key,
        .state = stored->state,
        .renewal = v->renewal,
        .asked_at_ms = now.utc_ms,
        .changed_at_ms = now.utc_ms,
        .who = stored->state == STORE_CERT_APPROVED ? "policy" : "",
        .why = "",
        .note =
            !v->can_sign ? "no CA here can sign it"
            : !is_let_in(s, v->cn)
                ? "its CN is its serial number: give the station this certificate_cn by 'noxctl "
                  "apply', then approve"
                : "",
    };
    struct store_done done = { .fn = on_csr_stored, .arg = p };
    if (stored->csr == NULL || stored->subject == NULL ||
        !store_cert_request(c->options.store, &request, done)) {
        csr_stored_free(stored);
        pending_refuse(p, STORE_FULL);
    }
}

void central_csr_judged(struct central *c, uint64_t ticket, const struct central_csr_verdict *v,
                        struct instant now)
{
    char why[300];
    struct pending *old = ticket_take(c, ticket);
    c->now = now;
    if (old == NULL)
        return;
    if (!v->good) {
        refuse_csr(c, old, v->text, now);
        return;
    }
    if (!cn_is_good(pending_station(old), v->cn, why, sizeof(why))) {
        refuse_csr(c, old, why, now);
        return;
    }
    keep_csr(c, old, v, now);
}

/* --- an operator decides --- */

static void on_decided(void *arg, enum store_rc rc, const union store_result *result)
{
    struct cert_step *step = arg;
    struct cert *cert = step_cert(step);
    (void)result;
    if (cert != NULL)
        cert->deciding = false;
    if (rc == STORE_OK && cert != NULL && step->approved) {
        cert->state = STORE_CERT_APPROVED;
        sign(cert);
    } else if (rc == STORE_OK && cert != NULL) {
        certs_forget(step->station);
    }
    if (step->done != NULL)
        step->done(step->arg, rc);
    step_free(step);
}

void central_cert_decide(struct central *c, const char *station, int64_t request, bool approve,
                         const char *who, const char *why,
                         void (*done)(void *arg, enum store_rc rc), void *arg, struct instant now)
{
    struct station *s = station_find(c, station);
    struct cert *cert = s != NULL ? s->cert : NULL;
    struct cert_step *step = NULL;
    c->now = now;
    bool is_it =
        cert != NULL && cert->id == request && cert->state == STORE_CERT_PENDING && !cert->deciding;
    if (is_it)
        step = step_new(s, request);
    if (step == NULL) {
        done(arg, is_it ? STORE_FULL : STORE_CONFLICT);
        return;
    }
    step->approved = approve;
    step->done = done;
    step->arg = arg;
    struct store_done stored = { .fn = on_decided, .arg = step };
    cert->deciding = true;
    if (!store_cert_change(c->options.store, request, 1u << STORE_CERT_PENDING,
                           approve ? STORE_CERT_APPROVED : STORE_CERT_REFUSED, who, why, NULL,
                           now.utc_ms, stored))
        on_decided(step, STORE_FULL, NULL);
}

/* --- signed --- */

static void wait_to_deliver(struct cert *cert, struct instant now)
{
    struct station *s = cert->station;
    if (s->session == NULL || !s->session->ready || cert->sending)
        return; /* certs_ready() comes, or the answer */
    int64_t due = cert->due_mono_ms > now.mono_ms ? cert->due_mono_ms : now.mono_ms;
    timer_set(&s->central->timers, &cert->timer, due);
}

static void on_signed_stored(void *arg, enum store_rc rc, const union store_result *result)
{
    struct cert_step *step = arg;
    struct cert *cert = step_cert(step);
    (void)result;
    if (rc == STORE_OK && cert != NULL) {
        free(cert->chain);
        cert->chain = step->text;
        step->text = NULL;
        cert->state = STORE_CERT_SIGNED;
        wait_to_deliver(cert, step->station->central->now);
    }
    if (step->done != NULL)
        step->done(step->arg, rc);
    step_free(step);
}

static void sign_failed(struct station *s, int64_t request, const char *why, struct instant now)
{
    struct store_done nobody = { .fn = NULL };
    central_event(s->central, "cert.failed", STORE_ALARM, s->id, -1, now,
                  "its certificate request %" PRId64 " could not be signed: %s", request, why);
    store_cert_change(s->central->options.store, request, open_states, STORE_CERT_FAILED, NULL,
                      NULL, why, now.utc_ms, nobody);
    certs_forget(s);
}

void central_csr_signed(struct central *c, const char *station,
                        const struct store_certificate *certificate, const char *chain,
                        const char *why, void (*done)(void *arg, enum store_rc rc), void *arg,
                        struct instant now)
{
    struct station *s = station_find(c, station);
    struct cert *cert = s != NULL ? s->cert : NULL;
    c->now = now;
    if (cert == NULL || cert->id != certificate->request || cert->sending) {
        if (done != NULL)
            done(arg, STORE_CONFLICT); /* replaced by a newer request meanwhile */
        return;
    }
    if (chain == NULL) {
        sign_failed(s, certificate->request, why, now);
        if (done != NULL)
            done(arg, STORE_OK);
        return;
    }
    struct cert_step *step = step_new(s, certificate->request);
    if (step != NULL) {
        step->text = strdup(chain);
        step->done = done;
        step->arg = arg;
    }
    struct store_done stored = { .fn = on_signed_stored, .arg = step };
    if (step != NULL &&
        (step->text == NULL || !store_cert_signed(c->options.store, certificate, chain, stored)))
        on_signed_stored(step, STORE_FULL, NULL);
    else if (step == NULL && done != NULL)
        done(arg, STORE_FULL);
}

/* --- CertificateSigned goes out --- */

static void finish(struct station *s, int64_t id, int32_t state, const char *note)
{
    struct store_done nobody = { .fn = NULL };
    store_cert_change(s->central->options.store, id, 1u << STORE_CERT_SIGNED, state, NULL, NULL,
                      note, s->central->now.utc_ms, nobody);
    certs_forget(s);
}

/* No second attempt by itself: whatever the station disliked is still so (A02.FR.06). */
static void rejected(struct station *s, int64_t id, const char *why)
{
    central_event(s->central, "cert.rejected", STORE_ALARM, s->id, -1, s->central->now,
                  "the station did not take its new certificate (request %" PRId64
                  "): %s; see its security events, then 'noxctl cert renew %s'",
                  id, why, s->id);
    finish(s, id, STORE_CERT_REJECTED, why);
}

static void on_delivered(void *arg, const struct central_reply *reply)
{
    struct cert_step *step = arg;
    struct cert *cert = step_cert(step);
    struct station *s = step->station;
    char why[200];
    if (cert == NULL) {
        step_free(step);
        return;
    }
    cert->sending = false;
    if (reply_is(reply, "Accepted")) {
        central_event(s->central, "cert.delivered", STORE_INFO, s->id, -1, s->central->now,
                      "the station took its new certificate (request %" PRId64 ")", step->id);
        finish(s, step->id, STORE_CERT_ACCEPTED, "");
    } else if (reply->outcome == CENTRAL_ANSWERED) {
        rejected(s, step->id, "it answered Rejected");
    } else if (reply->outcome == CENTRAL_CALLERROR) {
        snprintf(why, sizeof(why), "it answered %.60s %.100s", reply->error_code, reply->text);
        rejected(s, step->id, why);
    } else if (reply->outcome == CENTRAL_QUEUE_FULL) {
        cert->due_mono_ms = s->central->now.mono_ms + s->central->options.call_timeout_ms;
        wait_to_deliver(cert, s->central->now);
    } /* else it is sent again when the station has connected again */
    step_free(step);
}

static void deliver(struct cert *cert, struct instant now)
{
    struct station *s = cert->station;
    if (cert->state != STORE_CERT_SIGNED || cert->sending || s->session == NULL)
        return;
    struct cert_step *step = step_new(s, cert->id);
    if (step == NULL)
        return;
    cert->sending = true;
    struct ocpp_certificate_signed_req req = { .certificate_chain = cert->chain };
    station_request(s, OCPP_CERTIFICATE_SIGNED, &req, CERT_CALL_KEY, false, on_delivered, step,
                    now);
}

void certs_ready(struct station *s, struct instant now)
{
    if (s->cert == NULL || s->cert->state != STORE_CERT_SIGNED)
        return;
    int64_t soonest = now.mono_ms + s->central->options.cert_wait_ms;
    if (s->cert->due_mono_ms < soonest)
        s->cert->due_mono_ms = soonest;
    wait_to_deliver(s->cert, now);
}

void central_cert_restore(struct central *c, const struct store_cert_request *r, struct instant now)
{
    struct station *s = station_find(c, r->station);
    c->now = now;
    struct cert *cert =
        s != NULL ? cert_take(s, r->id, r->state, r->csr, r->chain, now.mono_ms) : NULL;
    if (cert != NULL && cert->state == STORE_CERT_APPROVED)
        sign(cert);
}

/* --- certificates that stations show --- */

static void on_seen(void *arg, enum store_rc rc, const union store_result *result)
{
    struct cert_step *step = arg;
    struct station *s = step->station;
    bool there = s->session != NULL && s->session->number == step->session;
    if (rc == STORE_OK && there && result->cert.revoked) {
        central_event(s->central, "cert.revoked-used", STORE_ALARM, s->id, -1, s->central->now,
                      "connected with a certificate that was revoked: the connection was closed");
        station_drop(s, 1008, "the certificate was revoked", s->central->now);
    } else if (rc == STORE_OK && there && result->cert.replaced) {
        central_event(s->central, "cert.old-used", STORE_WARNING, s->id, -1, s->central->now,
                      "connected with an older certificate than before: has it lost the newer one? "
                      "'noxctl cert list --station %s'",
                      s->id);
    }
    step_free(step);
}

void central_certificate(struct central *c, struct session *session,
                         const struct store_certificate *shown, struct instant now)
{
    struct station *s = session->station;
    struct store_certificate row = *shown;
    struct cert_step *step = step_new(s, 0);
    c->now = now;
    text_copy(session->certificate, sizeof(session->certificate), shown->fingerprint);
    if (step == NULL)
        return;
    step->session = session->number;
    row.station = s->id;
    row.kind = STORE_CERT_STATION;
    row.added_at_ms = now.utc_ms;
    struct store_done done = { .fn = on_seen, .arg = step };
    if (!store_cert_seen(c->options.store, &row, now.utc_ms, done))
        step_free(step);
}

size_t central_cert_drop(struct central *c, const char *fingerprint, struct instant now)
{
    size_t n = 0;
    c->now = now;
    for (size_t i = 0; i < c->n_stations; i++) {
        struct station *s = c->station[i];
        if (s->session == NULL || strcmp(s->session->certificate, fingerprint) != 0)
            continue;
        station_drop(s, 1008, "the certificate was revoked", now);
        n++;
    }
    return n;
}
