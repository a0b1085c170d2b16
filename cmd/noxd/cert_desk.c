#include "cmd/noxd/cert_desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cmd/noxd/cert_files.h"
#include "cmd/noxd/work.h"
#include "ocpp/pki/csr.h"
#include "ocpp/wire/field.h"
#include "ocpp/wire/iso8601.h"

enum {
    BACK_DATE_S = 3600, /* clocks of stations are late */
    WATCH_EVERY_MS = 3600000,
    WATCH_FIRST_MS = 10000, /* the second look: the first one brought the records of files */
    CRL_EVERY_S = 24 * 3600,
    TEXT_SIZE = 400,
};

static const int64_t day_ms = 86400000;

struct cert_desk {
    struct cert_desk_options options;
    struct central *central;
    struct work *work;
    int64_t watch_at_mono_ms;
    unsigned looks; /* so far */
    bool watching;
};

struct cert_desk *cert_desk_new(const struct cert_desk_options *options)
{
    struct cert_desk *desk = calloc(1, sizeof(*desk));
    if (desk == NULL)
        return NULL;
    desk->options = *options;
    desk->work = work_new(1, options->wake, options->arg);
    if (desk->work != NULL)
        return desk;
    free(desk);
    return NULL;
}

void cert_desk_free(struct cert_desk *desk)
{
    if (desk == NULL)
        return;
    work_free(desk->work);
    free(desk);
}

void cert_desk_start(struct cert_desk *desk, struct central *central)
{
    desk->central = central;
}

void cert_desk_on_wake(struct cert_desk *desk)
{
    work_pump(desk->work);
}

const struct cert_desk_options *cert_desk_get(const struct cert_desk *desk)
{
    return &desk->options;
}

static struct instant now_of(const struct cert_desk *desk)
{
    return loop_now(desk->options.loop);
}

/* --- judging --- */

struct judging {
    struct cert_desk *desk;
    uint64_t ticket;
    char *csr, *pem;
    char shown[PKI_FINGERPRINT_SIZE];
    struct pki_csr facts;
    bool ran, good, renewal, can_sign;
    char text[TEXT_SIZE];
};

static bool organization_is_good(struct judging *j)
{
    const char *cpo = j->desk->options.cpo_name;
    if (cpo == NULL || strcmp(cpo, j->facts.organization) == 0)
        return true;
    snprintf(j->text, sizeof(j->text),
             "its O is \"%.64s\", not \"%.64s\" as --cpo-name says: set the station's key CpoName "
             "('noxctl cert renew' does)",
             j->facts.organization, cpo);
    return false;
}

/* Signed here, for the same CN, valid and not revoked. */
static bool note_renewal(void *arg, const struct store_certificate *cert)
{
    struct judging *j = arg;
    int64_t now_ms = cert_now_ms();
    j->renewal = strcmp(cert->fingerprint, j->shown) == 0 && cert->request != 0 &&
                 strcmp(cert->cn, j->facts.cn) == 0 && cert->revoked_at_ms == STORE_ABSENT &&
                 cert->not_before_ms <= now_ms && now_ms < cert->not_after_ms;
    return false;
}

static void look_at_shown(struct judging *j)
{
    char none[200];
    struct reader *db;
    struct reader_cert_filter filter = { .fingerprint = j->shown };
    if (j->shown[0] == '\0' ||
        reader_open(j->desk->options.db_path, &db, none, sizeof(none)) != STORE_OK)
        return;
    reader_certificates(db, &filter, note_renewal, j);
    reader_close(db);
}

static void judge(void *arg)
{
    struct judging *j = arg;
    bool missing;
    char none[TEXT_SIZE];
    j->ran = true;
    j->good = pki_csr_read(j->csr, strlen(j->csr), &j->facts, j->text, sizeof(j->text)) &&
              organization_is_good(j) &&
              (j->pem = pki_csr_pem(j->csr, strlen(j->csr), j->text, sizeof(j->text))) != NULL;
    if (!j->good)
        return;
    look_at_shown(j);
    struct pki_authority *a =
        cert_files_authority(j->desk->options.dir, &missing, none, sizeof(none));
    j->can_sign = a != NULL && pki_authority_can_sign(a);
    pki_authority_free(a);
}

static void judged(void *arg)
{
    struct judging *j = arg;
    struct central_csr_verdict v = { .good = j->good,
                                     .text = j->text,
                                     .pem = j->pem,
                                     .subject = j->facts.subject,
                                     .cn = j->facts.cn,
                                     .key = j->facts.key,
                                     .renewal = j->renewal,
                                     .can_sign = j->can_sign };
    if (j->ran) /* else noxd is stopping: the station gets no answer and asks again */
        central_csr_judged(j->desk->central, j->ticket, &v, now_of(j->desk));
    free(j->csr);
    free(j->pem);
    free(j);
}

void cert_desk_judge(struct cert_desk *desk, const struct central_csr *csr)
{
    struct judging *j = calloc(1, sizeof(*j));
    struct central_csr_verdict refused = { .text = "out of memory" };
    if (j != NULL) {
        j->desk = desk;
        j->ticket = csr->ticket;
        j->csr = strdup(csr->csr);
        snprintf(j->shown, sizeof(j->shown), "%s", csr->certificate);
    }
    if (j != NULL && j->csr != NULL && work_submit(desk->work, judge, judged, j))
        return;
    if (j != NULL)
        free(j->csr);
    free(j);
    central_csr_judged(desk->central, csr->ticket, &refused, now_of(desk));
}

/* --- signing --- */

struct signing {
    struct cert_desk *desk;
    int64_t request;
    char *station, *csr, *pem, *chain;
    struct pki_certificate facts;
    bool ran;
    size_t chain_max;
    char text[TEXT_SIZE];
};

static bool note_chain_max(void *arg, const struct store_config_key *key, int64_t at_ms)
{
    struct signing *s = arg;
    (void)at_ms;
    if (key->value == NULL || !ocpp_ci_equal(key->key, "CertificateSignedMaxChainSize"))
        return true;
    long value = strtol(key->value, NULL, 10);
    if (value > 0 && value < PKI_CHAIN_MAX)
        s->chain_max = (size_t)value;
    return false;
}

static void read_chain_max(struct signing *s)
{
    char none[200];
    struct reader *db;
    s->chain_max = PKI_CHAIN_MAX;
    if (reader_open(s->desk->options.db_path, &db, none, sizeof(none)) != STORE_OK)
        return;
    reader_station_config(db, s->station, note_chain_max, s);
    reader_close(db);
}

static void sign(void *arg)
{
    struct signing *s = arg;
    bool missing;
    struct pki_profile profile = { .days = s->desk->options.days, .back_date_s = BACK_DATE_S };
    struct pki_authority *a =
        cert_files_authority(s->desk->options.dir, &missing, s->text, sizeof(s->text));
    s->ran = true;
    if (a == NULL)
        return;
    read_chain_max(s);
    if (pki_sign(a, s->csr, strlen(s->csr), &profile, cert_now_ms(), &s->pem, s->text,
                 sizeof(s->text)) &&
        pki_read(s->pem, strlen(s->pem), 0, &s->facts, s->text, sizeof(s->text)))
        s->chain = pki_chain(a, s->pem, s->chain_max, s->text, sizeof(s->text));
    pki_authority_free(a);
}

static void was_signed(void *arg)
{
    struct signing *s = arg;
    struct instant now = now_of(s->desk);
    struct store_certificate record = cert_record(&s->facts, s->pem != NULL ? s->pem : "",
                                                  STORE_CERT_STATION, s->station, now.utc_ms);
    record.request = s->request;
    if (s->ran) /* else it is approved and is signed after the next start */
        central_csr_signed(s->desk->central, s->station, &record, s->chain, s->text, NULL, NULL,
                           now);
    free(s->station);
    free(s->csr);
    free(s->pem);
    free(s->chain);
    free(s);
}

void cert_desk_sign(struct cert_desk *desk, int64_t request, const char *station, const char *csr)
{
    struct signing *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return; /* stays approved; the next start goes on with it */
    s->desk = desk;
    s->request = request;
    s->station = strdup(station);
    s->csr = strdup(csr);
    if (s->station != NULL && s->csr != NULL && work_submit(desk->work, sign, was_signed, s))
        return;
    free(s->station);
    free(s->csr);
    free(s);
}

/* --- watching the end of certificates --- */

struct ending {
    char fingerprint[PKI_FINGERPRINT_SIZE], station[64], subject[PKI_NAME_SIZE];
    int32_t kind, warned_days;
    int64_t not_after_ms;
    bool ours; /* signed here: its station can renew it */
};

struct watching {
    struct cert_desk *desk;
    struct ending *item;
    size_t n, room;
    bool crl_written;
    char text[TEXT_SIZE];             /* of a revocation list that could not be written */
    struct store_certificate *server; /* records of --tls-cert; their texts are below */
    struct pki_certificate *server_facts;
    char **server_pem;
    size_t n_servers;
};

static bool note_ending(void *arg, const struct store_certificate *cert)
{
    struct watching *w = arg;
    if (w->n == w->room) {
        size_t room = w->room > 0 ? 2 * w->room : 64;
        struct ending *grown = realloc(w->item, room * sizeof(*grown));
        if (grown == NULL)
            return false;
        w->item = grown;
        w->room = room;
    }
    struct ending *e = &w->item[w->n++];
    *e = (struct ending){ .kind = cert->kind,
                          .warned_days = cert->warned_days,
                          .not_after_ms = cert->not_after_ms,
                          .ours = cert->request != 0 };
    snprintf(e->fingerprint, sizeof(e->fingerprint), "%s", cert->fingerprint);
    snprintf(e->station, sizeof(e->station), "%s", cert->station != NULL ? cert->station : "");
    snprintf(e->subject, sizeof(e->subject), "%s", cert->subject);
    return true;
}

/* The files of --tls-cert become records, so that warnings of their end are said once. */
static void read_servers(struct watching *w)
{
    const struct cert_desk_options *o = &w->desk->options;
    size_t n = o->n_server_certs;
    w->server = calloc(n + 1, sizeof(*w->server));
    w->server_facts = calloc(n + 1, sizeof(*w->server_facts));
    w->server_pem = calloc(n + 1, sizeof(*w->server_pem));
    if (w->server == NULL || w->server_facts == NULL || w->server_pem == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        char none[200];
        struct pki_certificate *facts = &w->server_facts[w->n_servers];
        char *pem = cert_file_read(".", o->server_cert[i]);
        if (o->server_cert[i][0] == '/') {
            free(pem);
            pem = cert_file_read("", o->server_cert[i] + 1);
        }
        if (pem == NULL || !pki_read(pem, strlen(pem), 0, facts, none, sizeof(none))) {
            free(pem);
            continue; /* the listeners say what is wrong with it */
        }
        w->server_pem[w->n_servers] = pem;
        w->server[w->n_servers] = cert_record(facts, pem, STORE_CERT_SERVER, NULL, cert_now_ms());
        w->n_servers++;
    }
}

/* It ends after a month: made anew every day, so that nobody sees its end. */
static bool crl_is_old(const char *dir)
{
    char path[600];
    struct stat info;
    snprintf(path, sizeof(path), "%s/crl.pem", dir);
    return stat(path, &info) != 0 || info.st_mtime + CRL_EVERY_S < time(NULL);
}

static void watch(void *arg)
{
    struct watching *w = arg;
    struct reader *db;
    struct reader_cert_filter filter = { .ending_ms = cert_now_ms() + CERT_ENDING_DAYS * day_ms };
    bool missing;
    size_t n;
    read_servers(w);
    if (reader_open(w->desk->options.db_path, &db, w->text, sizeof(w->text)) != STORE_OK)
        return;
    w->text[0] = '\0';
    reader_certificates(db, &filter, note_ending, w);
    struct pki_authority *a =
        cert_files_authority(w->desk->options.dir, &missing, w->text, sizeof(w->text));
    if (missing)
        w->text[0] = '\0';
    if (a != NULL && pki_authority_can_sign(a) && crl_is_old(w->desk->options.dir))
        w->crl_written = cert_files_put_crl(w->desk->options.dir, w->desk->options.db_path, &n,
                                            w->text, sizeof(w->text));
    pki_authority_free(a);
    reader_close(db);
}

/* 30, 7, 1 day before, and when it is over: each is said once. @return 1000 = not yet */
static int32_t threshold(int64_t left_ms)
{
    static const int32_t days[] = { 0, 1, 7, CERT_ENDING_DAYS };
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
        if (left_ms <= days[i] * day_ms)
            return days[i];
    return 1000;
}

static const char *what_to_do(const struct ending *e)
{
    switch (e->kind) {
    case STORE_CERT_CA:
        return "make a new one with 'noxctl cert ca init --replace', or import one";
    case STORE_CERT_SERVER:
        return "put a new certificate in its file and send noxd SIGHUP";
    case STORE_CERT_ROOT:
        return "install its successor in the stations: 'noxctl cert install'";
    default:
        return e->ours
                   ? "it is renewed by itself when the station is connected; 'noxctl cert renew' "
                     "asks now"
                   : "renew it with 'noxctl cert renew'";
    }
}

static void warn(struct cert_desk *desk, const struct ending *e)
{
    char text[600], date[32];
    int64_t left_ms = e->not_after_ms - cert_now_ms();
    int32_t days = threshold(left_ms);
    struct store_done nobody = { .fn = NULL };
    if (days >= e->warned_days)
        return;
    ocpp_time_format(e->not_after_ms, date);
    snprintf(text, sizeof(text), "the %s certificate %.200s %s on %.10s: %s",
             store_cert_kind_text(e->kind), e->subject, left_ms > 0 ? "ends" : "ended", date,
             what_to_do(e));
    struct store_event event = { .at_ms = now_of(desk).utc_ms,
                                 .name = left_ms > 0 ? "cert.ending" : "cert.ended",
                                 .severity = days <= 7 ? STORE_ALARM : STORE_WARNING,
                                 .station = e->station[0] != '\0' ? e->station : NULL,
                                 .connector = -1,
                                 .text = text };
    desk->options.tell(desk->options.arg, &event);
    store_cert_warned(desk->options.store, e->fingerprint, days, nobody);
}

/* Once a day, each station in its own hour: not all of a street at once. */
static bool is_its_hour(const char *station)
{
    uint32_t hash = 2166136261u;
    for (; *station != '\0'; station++)
        hash = (hash ^ (unsigned char)*station) * 16777619u;
    return (int64_t)(hash % 24) == cert_now_ms() / 3600000 % 24;
}

static void ask_renewal(struct cert_desk *desk, const struct ending *e)
{
    struct central_ask ask = { .station = e->station,
                               .action = "ExtendedTriggerMessage",
                               .payload_json =
                                   "{\"requestedMessage\":\"SignChargePointCertificate\"}",
                               .who = "noxd",
                               .why = "its certificate ends soon" };
    size_t i;
    struct central_station_view view;
    if (e->kind != STORE_CERT_STATION || !e->ours || !is_its_hour(e->station) ||
        !central_station_find(desk->central, e->station, &i) ||
        !central_station_view(desk->central, i, &view) || !view.online)
        return;
    central_ask(desk->central, &ask, NULL, NULL, now_of(desk));
}

static void watching_free(struct watching *w)
{
    for (size_t i = 0; i < w->n_servers; i++)
        free(w->server_pem[i]);
    free(w->server);
    free(w->server_facts);
    free(w->server_pem);
    free(w->item);
    free(w);
}

static void watched(void *arg)
{
    struct watching *w = arg;
    struct cert_desk *desk = w->desk;
    struct store_done nobody = { .fn = NULL };
    char text[TEXT_SIZE];
    desk->watching = false;
    for (size_t i = 0; i < w->n_servers; i++)
        store_certificate(desk->options.store, &w->server[i], nobody);
    for (size_t i = 0; i < w->n; i++) {
        warn(desk, &w->item[i]);
        ask_renewal(desk, &w->item[i]);
    }
    if (w->crl_written)
        desk->options.reload(desk->options.arg, text, sizeof(text));
    else if (w->text[0] != '\0') {
        struct store_event event = { .at_ms = now_of(desk).utc_ms,
                                     .name = "cert.crl-failed",
                                     .severity = STORE_ALARM,
                                     .connector = -1,
                                     .text = w->text };
        desk->options.tell(desk->options.arg, &event);
    }
    watching_free(w);
}

int64_t cert_desk_tick(struct cert_desk *desk, struct instant now)
{
    if (now.mono_ms < desk->watch_at_mono_ms)
        return desk->watch_at_mono_ms;
    desk->watch_at_mono_ms = now.mono_ms + (desk->looks++ > 0 ? WATCH_EVERY_MS : WATCH_FIRST_MS);
    struct watching *w = desk->watching ? NULL : calloc(1, sizeof(*w));
    if (w == NULL)
        return desk->watch_at_mono_ms;
    w->desk = desk;
    desk->watching = work_submit(desk->work, watch, watched, w);
    if (!desk->watching)
        free(w);
    return desk->watch_at_mono_ms;
}
