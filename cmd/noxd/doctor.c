#include "cmd/noxd/doctor.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ocpp/wire/iso8601.h"

static const int64_t HOUR_MS = 3600000, DAY_MS = 86400000;

enum {
    SLOW_RTT_US = 1000000,
    CLOCK_WARN_MS = 60000,
    CLOCK_BAD_MS = 600000,
    BOOTS_MANY = 4,
    TIMEOUTS_MANY = 3,
    FLAPS_MANY = 5, /* connections within an hour */
    CERT_WARN_DAYS = 30,
};

const char *doctor_severity_text(enum doctor_severity severity)
{
    static const char *const text[] = { "", "note", "warning", "bad" };
    return text[severity];
}

void doctor_add(struct doctor_findings *f, enum doctor_severity severity, const char *code,
                const char *next, const char *format, ...)
{
    va_list args;
    if (f->n == DOCTOR_FINDINGS_MAX)
        return;
    struct doctor_finding *item = &f->item[f->n++];
    item->severity = severity;
    item->code = code;
    snprintf(item->next, sizeof(item->next), "%s", next);
    va_start(args, format);
    vsnprintf(item->text, sizeof(item->text), format, args);
    va_end(args);
}

void doctor_sort(struct doctor_findings *f)
{
    for (size_t i = 1; i < f->n; i++) {
        struct doctor_finding item = f->item[i];
        size_t k = i;
        for (; k > 0 && f->item[k - 1].severity < item.severity; k--)
            f->item[k] = f->item[k - 1];
        f->item[k] = item;
    }
}

/* --- names --- */

/* Without what people mistype: case, blanks, separators. */
static size_t bare(const char *text, char *buf, size_t size)
{
    size_t n = 0;
    for (; *text != '\0' && n + 1 < size; text++)
        if (isalnum((unsigned char)*text) || (unsigned char)*text >= 0x80)
            buf[n++] = (char)tolower((unsigned char)*text);
    buf[n] = '\0';
    return n;
}

/* Levenshtein distance, given up beyond 3. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t row[64], diagonal, above;
    if (m >= 63 || n >= 63)
        return 99;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            above = row[j];
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            size_t least = row[j - 1] < above ? row[j - 1] + 1 : above + 1;
            row[j] = change < least ? change : least;
            diagonal = above;
        }
    }
    return row[m];
}

/* Digits and the rest, apart. */
static void part(const char *text, char digits[64], char others[64])
{
    size_t n = 0, m = 0;
    for (; *text != '\0'; text++)
        if (isdigit((unsigned char)*text))
            digits[n++] = *text;
        else
            others[m++] = *text;
    digits[n] = others[m] = '\0';
}

/* Neighbours differ in their number: that is another station, not a typing error; a missing or
 * doubled sign is one, and so are wrong letters before the same number. */
bool doctor_is_similar(const char *a, const char *b)
{
    char x[64], y[64], digits_x[64], digits_y[64], others_x[64], others_y[64];
    size_t n = bare(a, x, sizeof(x)), m = bare(b, y, sizeof(y));
    size_t shorter = n < m ? n : m, longer = n < m ? m : n;
    if (shorter > 0 && strcmp(x, y) == 0)
        return true;
    if (shorter < 4)
        return false;
    if (strstr(x, y) != NULL || strstr(y, x) != NULL)
        return longer - shorter <= 8;
    part(x, digits_x, others_x);
    part(y, digits_y, others_y);
    if (digits_x[0] != '\0' && strcmp(digits_x, digits_y) == 0)
        return strlen(others_x) >= 3 &&
               distance(others_x, strlen(others_x), others_y, strlen(others_y)) <= 2;
    return longer == shorter + 1 && distance(x, n, y, m) <= 1;
}

/* --- time --- */

struct when {
    char text[OCPP_TIME_TEXT_SIZE + 40];
};

static struct when ago(const struct doctor_facts *f, int64_t at_ms)
{
    struct when w;
    int64_t s = (f->now_ms - at_ms) / 1000;
    if (at_ms == STORE_ABSENT)
        snprintf(w.text, sizeof(w.text), "at an unknown time");
    else if (s < 120)
        snprintf(w.text, sizeof(w.text), "%" PRId64 " s ago", s < 0 ? 0 : s);
    else if (s < 7200)
        snprintf(w.text, sizeof(w.text), "%" PRId64 " min ago", s / 60);
    else if (s < 172800)
        snprintf(w.text, sizeof(w.text), "%" PRId64 " h ago", s / 3600);
    else
        snprintf(w.text, sizeof(w.text), "%" PRId64 " days ago", s / 86400);
    return w;
}

static const char *times(int64_t n, char buf[32])
{
    if (n == 1)
        snprintf(buf, 32, "once");
    else
        snprintf(buf, 32, "%" PRId64 " times", n);
    return buf;
}

/* --- refused connections --- */

/* Commands that help against a reason; %s is the station. */
static const struct {
    const char *reason, *next;
} remedies[] = {
    { "unknown-station", "noxctl station add %s" },
    { "bad-key", "noxctl station key %s" },
    { "wrong-user", "noxctl frames search %s --direction refused" },
    { "no-credentials", "noxctl station key %s" },
    { "no-key-set", "noxctl station key %s" },
    { "bad-credentials", "noxctl frames search %s --direction refused" },
    { "needs-tls", "noxctl station show %s" },
    { "no-certificate", "noxctl station show %s" },
    { "wrong-certificate", "noxctl station show %s" },
    { "wrong-path", "noxctl station refused %s" },
    { "wrong-subprotocol", "noxctl station refused %s" },
    { "no-subprotocol", "noxctl station refused %s" },
};

static void remedy(const char *reason, const char *id, char *buf, size_t size)
{
    const char *format = "noxctl station refused %s";
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
        if (strcmp(remedies[i].reason, reason) == 0)
            format = remedies[i].next;
    const char *at = strstr(format, "%s");
    snprintf(buf, size, "%.*s%s%s", (int)(at - format), format, id, at + 2);
}

static const char *what_happened(const char *reason)
{
    static const struct {
        const char *reason, *text;
    } texts[] = {
        { "wrong-path", "it connects to a wrong path" },
        { "no-identity", "its URL ends without its identity" },
        { "bad-identity", "its identity cannot be one" },
        { "unknown-station", "its identity is not known" },
        { "no-subprotocol", "it names no subprotocol" },
        { "wrong-subprotocol", "it speaks another version of OCPP" },
        { "needs-tls", "it comes without TLS" },
        { "no-key-set", "it has no key here" },
        { "no-credentials", "it sends no key" },
        { "bad-credentials", "its key cannot be read" },
        { "wrong-user", "it sends another user name" },
        { "bad-key", "its key is wrong" },
        { "no-certificate", "it shows no certificate" },
        { "wrong-certificate", "its certificate is another's" },
        { "bad-certificate", "its certificate is not accepted" },
        { "tls-failed", "TLS fails" },
        { "timed-out", "it connects and says nothing" },
        { "too-often", "it connects too often" },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcmp(texts[i].reason, reason) == 0)
            return texts[i].text;
    return reason;
}

static bool is_own(const struct doctor_facts *f, const struct doctor_refused *r)
{
    return strcmp(r->identity, f->id) == 0;
}

/* Was it refused after it was connected last?  Then that is what keeps it out. */
static bool is_later(const struct doctor_facts *f, const struct doctor_refused *r)
{
    if (f->station.online)
        return r->last_at_ms > f->station.connected_at_ms;
    return f->n_connections == 0 || f->connection[0].opened_at_ms == STORE_ABSENT ||
           r->last_at_ms > f->connection[0].opened_at_ms;
}

static void judge_refused(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240], n[32];
    for (size_t i = 0; i < f->n_refused; i++) {
        const struct doctor_refused *r = &f->refused[i];
        bool recent = r->last_at_ms > f->now_ms - DAY_MS;
        if (!is_own(f, r) || (!is_later(f, r) && !recent))
            continue;
        bool online = f->station.online;
        if (f->like != NULL) /* not one more: the station is to be called as it is known here */
            snprintf(next, sizeof(next), "noxctl doctor %.180s", f->like);
        else
            remedy(r->reason, f->id, next, sizeof(next));
        doctor_add(
            out,
            online           ? DOCTOR_WARNING
            : is_later(f, r) ? DOCTOR_BAD
                             : DOCTOR_NOTE,
            r->reason, next, "%s: refused %s, last %s from %s (%s): %s",
            online ? "somebody else, or its other half, uses its name" : what_happened(r->reason),
            times(r->count, n), ago(f, r->last_at_ms).text, r->address, r->reason, r->detail);
    }
}

/* Somebody with a similar name is turned away: probably this one. */
static bool judge_similar(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240], n[32];
    bool found = false;
    for (size_t i = 0; i < f->n_refused && !found; i++) {
        const struct doctor_refused *r = &f->refused[i];
        if (is_own(f, r) || !doctor_is_similar(r->identity, f->id))
            continue;
        found = true;
        snprintf(next, sizeof(next), "noxctl station refused %.180s", r->identity);
        doctor_add(
            out, DOCTOR_BAD, "similar-identity", next,
            "a station that calls itself '%.60s' was refused %s, last %s from %s (%s): it is "
            "probably this one; set its identity to %s, exactly so",
            r->identity, times(r->count, n), ago(f, r->last_at_ms).text, r->address, r->reason,
            f->id);
    }
    return found;
}

static bool knows_address(const struct doctor_facts *f, const char *address)
{
    for (size_t i = 0; i < f->n_connections; i++)
        if (strcmp(f->connection[i].address, address) == 0)
            return true;
    for (size_t i = 0; i < f->n_refused; i++)
        if (is_own(f, &f->refused[i]) && strcmp(f->refused[i].address, address) == 0)
            return true;
    return false;
}

/* Was it turned away before it said who it is?  (A path may hold a name.) */
static bool is_nameless(const struct doctor_refused *r)
{
    static const char *const early[] = { "tls-failed",      "timed-out",   "not-websocket",
                                         "bad-certificate", "bad-upgrade", "no-identity" };
    for (size_t i = 0; i < sizeof(early) / sizeof(early[0]); i++)
        if (strcmp(early[i], r->reason) == 0)
            return true;
    return strcmp(r->reason, "wrong-path") == 0 && strchr(r->identity, '/') != NULL;
}

/* Somebody is turned away where this one comes from, or so early that nobody knows who it is.
 * Attempts of other stations that are known are theirs. */
static bool judge_neighbours(const struct doctor_facts *f, struct doctor_findings *out)
{
    char n[32];
    for (size_t i = 0; i < f->n_refused; i++) {
        const struct doctor_refused *r = &f->refused[i];
        bool nameless = is_nameless(r);
        if (is_own(f, r) || !is_later(f, r) || r->last_at_ms < f->now_ms - 7 * DAY_MS ||
            (!nameless && strcmp(r->reason, "unknown-station") != 0))
            continue;
        if (knows_address(f, r->address)) {
            doctor_add(out, DOCTOR_BAD, "same-address", "noxctl station refused",
                       "somebody was refused %s at its address %s, last %s, as '%.60s' (%s): %s",
                       times(r->count, n), r->address, ago(f, r->last_at_ms).text, r->identity,
                       r->reason, r->detail);
            return true;
        }
        if (nameless && f->n_connections == 0) {
            doctor_add(out, DOCTOR_WARNING, "perhaps-this-one", "noxctl station refused",
                       "somebody at %s was refused %s, last %s, before it said who it is (%s): if "
                       "that is this station: %s",
                       r->address, times(r->count, n), ago(f, r->last_at_ms).text, r->reason,
                       r->detail);
            return true;
        }
    }
    return false;
}

/* --- the steps of a judgement --- */

static bool has_problem(const struct doctor_findings *out)
{
    for (size_t i = 0; i < out->n; i++)
        if (out->item[i].severity == DOCTOR_BAD)
            return true;
    return false;
}

static void judge_unknown(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    if (f->like != NULL) {
        snprintf(next, sizeof(next), "noxctl doctor %.180s", f->like);
        doctor_add(out, DOCTOR_BAD, "unknown", next,
                   "there is no station %s, but there is %s: capital and small letters count",
                   f->id, f->like);
    } else {
        snprintf(next, sizeof(next), "noxctl station add %.180s", f->id);
        doctor_add(out, DOCTOR_BAD, "unknown", next, "there is no station %s in the configuration",
                   f->id);
    }
    judge_refused(f, out);
}

static void judge_offline(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    snprintf(next, sizeof(next), "noxctl frames tail %.180s", f->id);
    if (f->station.online)
        return;
    judge_refused(f, out);
    bool explained = has_problem(out);
    if (!explained)
        explained = judge_similar(f, out) || judge_neighbours(f, out);
    if (f->n_connections > 0 && f->connection[0].closed_at_ms != STORE_ABSENT) {
        const struct doctor_connection *c = &f->connection[0];
        char code[24] = "";
        if (c->code > 0)
            snprintf(code, sizeof(code), " (%d)", (int)c->code);
        doctor_add(out, DOCTOR_BAD, "offline", next,
                   "it is not connected since %s: the last connection, from %s, ended%s %s",
                   ago(f, c->closed_at_ms).text, c->address, code, c->reason);
        return;
    }
    if (f->station.seen_at_ms != STORE_ABSENT) {
        doctor_add(out, DOCTOR_BAD, "offline", next, "it is not connected; it was heard last %s",
                   ago(f, f->station.seen_at_ms).text);
        return;
    }
    if (f->url == NULL && f->station.security_profile >= 2)
        doctor_add(out, DOCTOR_BAD, "no-listener", "noxd --help",
                   "it has security profile %d and noxd has no wss listener: start it with "
                   "--tls-listen",
                   (int)f->station.security_profile);
    else if (explained)
        doctor_add(out, DOCTOR_NOTE, "never-connected", "", "it has never been connected");
    else
        doctor_add(out, DOCTOR_BAD, "never-connected", "noxctl station refused",
                   "it has never been connected, and nobody was refused under this or a similar "
                   "name: has it power and a network, and is its URL %s%s ?",
                   f->url != NULL ? f->url : "(no listener)/", f->id);
}

static void judge_registration(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    snprintf(next, sizeof(next), "noxctl station approve %.180s", f->id);
    if (f->station.registration == STORE_REG_PENDING)
        doctor_add(out, DOCTOR_BAD, "pending", next,
                   "it waits to be approved: until then it is told Pending and may not charge");
    else if (f->station.registration == STORE_REG_REJECTED)
        doctor_add(out, DOCTOR_BAD, "rejected", next, "its BootNotification is answered Rejected");
}

static void judge_key(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    int32_t profile = f->station.security_profile;
    snprintf(next, sizeof(next), "noxctl station key %.180s", f->id);
    if ((profile == 1 || profile == 2) && !f->station.has_key)
        doctor_add(out, DOCTOR_BAD, "no-key", next,
                   "it has security profile %d but no key was made for it: it cannot come in",
                   (int)profile);
    if (profile == 0)
        doctor_add(out, DOCTOR_NOTE, "no-security", next,
                   "it has security profile 0: anybody who knows its name can connect as it");
    if (f->station.has_pending_key)
        doctor_add(out, DOCTOR_NOTE, "key-pending", "",
                   "a new key was sent to it and has not been seen at work yet: both are accepted");
    if (f->station.pending_profile > 0)
        doctor_add(out, DOCTOR_NOTE, "profile-pending", "",
                   "it was raised to security profile %d and has not come by it yet",
                   (int)f->station.pending_profile);
}

static void judge_certificate(const struct doctor_facts *f, const char *whose, const char *code,
                              const char *next, int64_t until_s, struct doctor_findings *out)
{
    int64_t days = (until_s - f->now_ms / 1000) / 86400;
    if (until_s == 0 || days >= CERT_WARN_DAYS)
        return;
    if (until_s < f->now_ms / 1000)
        doctor_add(out, DOCTOR_BAD, code, next, "%s has expired", whose);
    else
        doctor_add(out, DOCTOR_WARNING, code, next, "%s expires in %" PRId64 " days", whose, days);
}

static void judge_link(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    if (!f->has_link)
        return;
    snprintf(next, sizeof(next), "noxctl frames tail -f %.180s", f->id);
    if (f->pinged && f->rtt_us < 0)
        doctor_add(out, DOCTOR_BAD, "no-pong", next,
                   "it does not answer a websocket ping within 5 s: its link is probably dead");
    else if (f->pinged && f->rtt_us > SLOW_RTT_US)
        doctor_add(out, DOCTOR_WARNING, "slow", next,
                   "a ping takes %" PRId64 " ms: its link is slow, requests may time out",
                   f->rtt_us / 1000);
    if (f->link.waiting_frames > 0)
        doctor_add(out, DOCTOR_WARNING, "does-not-read", next,
                   "%zu messages (%zu bytes) wait because it does not read", f->link.waiting_frames,
                   f->link.waiting_bytes);
    if (f->link.no_subprotocol)
        doctor_add(out, DOCTOR_NOTE, "no-subprotocol", "",
                   "it names no subprotocol; it is let in because \"lax_subprotocol\" is set");
    snprintf(next, sizeof(next), "noxctl cert renew %.180s", f->id);
    judge_certificate(f, "its client certificate", "client-certificate", next, f->link.peer_until_s,
                      out);
    judge_certificate(f, "noxd's own certificate", "server-certificate", "certs/README.md",
                      f->link.server_until_s, out);
}

static void judge_clock(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    int64_t skew_ms = f->station.clock_skew_ms, off_ms = skew_ms < 0 ? -skew_ms : skew_ms;
    snprintf(next, sizeof(next), "noxctl station reset %.180s", f->id);
    if (off_ms >= CLOCK_WARN_MS)
        doctor_add(out, off_ms >= CLOCK_BAD_MS ? DOCTOR_BAD : DOCTOR_WARNING, "clock", next,
                   "its clock is %" PRId64
                   " s %s: times are corrected, but TLS and schedules on it "
                   "may fail; it should take the time from Heartbeat and BootNotification",
                   off_ms / 1000, skew_ms < 0 ? "behind" : "ahead");
}

static void judge_restlessness(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    size_t n = 0;
    snprintf(next, sizeof(next), "noxctl frames search %.180s --direction closed", f->id);
    for (size_t i = 0; i < f->n_connections; i++)
        n += f->connection[i].opened_at_ms > f->now_ms - HOUR_MS;
    if (n >= FLAPS_MANY) {
        const char *why = "unknown";
        for (size_t i = f->n_connections; i > 0; i--)
            if (f->connection[i - 1].closed_at_ms != STORE_ABSENT)
                why = f->connection[i - 1].reason;
        doctor_add(out, DOCTOR_WARNING, "reconnects", next,
                   "it has connected %zu times within the last hour; ended: %s", n, why);
    }
    snprintf(next, sizeof(next), "noxctl event list --station %.180s --name station.boot", f->id);
    if (f->boots_24h >= BOOTS_MANY)
        doctor_add(out, DOCTOR_WARNING, "boots", next,
                   "it has booted %" PRId64 " times in 24 h: power, watchdog or firmware",
                   f->boots_24h);
    if (f->station.online && f->station.booted_at_ms == STORE_ABSENT)
        doctor_add(
            out, DOCTOR_WARNING, "no-boot", next,
            "it has never sent a BootNotification: vendor, model and firmware are not known");
}

static void judge_words(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    snprintf(next, sizeof(next), "noxctl station calls %.180s", f->id);
    if (f->timeouts_24h > 0)
        doctor_add(out, f->timeouts_24h >= TIMEOUTS_MANY ? DOCTOR_WARNING : DOCTOR_NOTE, "timeouts",
                   next, "%" PRId64 " requests to it were not answered in time in 24 h",
                   f->timeouts_24h);
    if (f->errors_24h > 0)
        doctor_add(out, DOCTOR_NOTE, "call-errors", next,
                   "it answered %" PRId64 " requests with an error in 24 h", f->errors_24h);
    if (f->station.queued_calls > 1)
        doctor_add(out, DOCTOR_NOTE, "queue", next, "%zu requests wait for it",
                   f->station.queued_calls);
    snprintf(next, sizeof(next), "noxctl frames search %.180s --errors", f->id);
    if (f->station.violations > 0 && f->station.last_violation[0] != '\0')
        doctor_add(out, DOCTOR_NOTE, "violations", next,
                   "its messages deviate from the standard %" PRIu64
                   " times since noxd's start (tolerated); the last: %s",
                   f->station.violations, f->station.last_violation);
}

static void judge_connectors(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    snprintf(next, sizeof(next), "noxctl station reset %.180s", f->id);
    for (size_t i = 0; i < f->n_connectors; i++) {
        const struct doctor_connector *k = &f->connector[i];
        if (strcasecmp(k->status, "Faulted") == 0)
            doctor_add(out, DOCTOR_BAD, "faulted", next, "connector %d is Faulted: %s%s%s",
                       (int)k->number, k->error_code, k->info[0] != '\0' ? ", " : "", k->info);
        else if (strcasecmp(k->status, "Unavailable") == 0)
            doctor_add(out, DOCTOR_WARNING, "unavailable", "noxctl connector list",
                       "connector %d is Unavailable", (int)k->number);
        else if (k->error_code[0] != '\0' && strcasecmp(k->error_code, "NoError") != 0)
            doctor_add(out, DOCTOR_WARNING, "connector-error", next, "connector %d reports %s%s%s",
                       (int)k->number, k->error_code, k->info[0] != '\0' ? ": " : "", k->info);
        else if (f->station.online && k->status[0] == '\0')
            doctor_add(out, DOCTOR_NOTE, "no-status", "",
                       "connector %d has not told its status yet", (int)k->number);
    }
}

static void judge_alarms(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    snprintf(next, sizeof(next), "noxctl event list --station %.180s --severity alarm", f->id);
    for (size_t i = 0; f->alarms != NULL && i < f->alarms->n; i++) {
        const struct alarm *a = &f->alarms->item[i];
        if (strcmp(a->station, f->id) == 0)
            doctor_add(out, DOCTOR_BAD, "alarm", next, "alarm %s, %s: %s", a->name,
                       ago(f, a->last_at_ms).text, a->text);
    }
    snprintf(next, sizeof(next), "noxctl security list --station %.180s", f->id);
    if (f->security_24h > 0)
        doctor_add(out, DOCTOR_NOTE, "security", next,
                   "%" PRId64 " security event%s in 24 h, the last: %s (%s)", f->security_24h,
                   f->security_24h == 1 ? "" : "s", f->last_security, f->security_meaning);
    if (f->reservations > 0)
        doctor_add(out, DOCTOR_NOTE, "reservations", "noxctl reservation list",
                   "%" PRId64 " reservations are in force", f->reservations);
}

/* Classes that cost others current: what it costs, and what to do. */
static void judge_class(const struct doctor_facts *f, struct doctor_findings *out)
{
    static const struct {
        enum doctor_severity severity;
        const char *code, *cost;
    } table[] = {
        [SCHED_STICKY] = { DOCTOR_NOTE, "sticky",
                           "out of reach it keeps its last limit until its car leaves: others "
                           "cannot use that" },
        [SCHED_FORGETFUL] = { DOCTOR_WARNING, "forgetful",
                              "it counts at its rating by day and night, with a car or without: "
                              "others cannot use that" },
        [SCHED_UNMANAGED] = { DOCTOR_WARNING, "unmanaged",
                              "it cannot be lowered and counts at its rating by day and night: "
                              "others cannot use that" },
    };
    const struct central_station_view *v = &f->station;
    char next[240];
    size_t class = (size_t)v->counts;
    if (!f->balanced || class >= sizeof(table) / sizeof(table[0]) || table[class].code == NULL)
        return;
    bool learns = v->class > (int32_t)SCHED_UNMANAGED && !v->demoted;
    snprintf(next, sizeof(next), "noxctl station %s %.180s%s",
             learns && v->counts == SCHED_STICKY ? "evidence" : "class", f->id,
             learns && v->counts == SCHED_STICKY ? "" : " auto");
    doctor_add(out, v->demoted ? DOCTOR_WARNING : table[class].severity, table[class].code, next,
               "%s (%s); %s", table[class].cost, v->evidence,
               v->demoted ? "look for the cause (firmware, its own load management), then let it "
                            "show itself again"
               : !learns  ? "with class auto it can show better"
               : v->counts == SCHED_STICKY
                   ? "GetCompositeSchedule with a lease, asked once after its boot, can show better"
                   : "after a repair, let it show itself again");
}

static void judge_writes(const struct doctor_facts *f, struct doctor_findings *out)
{
    const struct central_station_view *v = &f->station;
    char next[240];
    snprintf(next, sizeof(next), "noxctl explain limit %.180s", f->id);
    if (v->profile_writes_most > 0 && v->profile_writes > v->profile_writes_most)
        doctor_add(out, DOCTOR_WARNING, "writes", next,
                   "it took %d charging profiles in 24 h, its memory bears %d (quirk "
                   "max_profile_writes_per_day): more room at its grid node needs fewer",
                   (int)v->profile_writes, (int)v->profile_writes_most);
}

static void judge_wishes(const struct doctor_facts *f, struct doctor_findings *out)
{
    char next[240];
    snprintf(next, sizeof(next), "noxctl config drift %.180s", f->id);
    if (f->drift > 0)
        doctor_add(out, DOCTOR_WARNING, "config-drift", next,
                   "%" PRId64 " configuration keys are not as wanted, such as %s", f->drift,
                   f->first_drift);
    snprintf(next, sizeof(next), "noxctl station reset %.180s", f->id);
    if (f->reboots > 0)
        doctor_add(out, DOCTOR_NOTE, "needs-reboot", next,
                   "%" PRId64 " configuration keys count after a reboot", f->reboots);
    snprintf(next, sizeof(next), "noxctl local-list show %.180s", f->id);
    if (strcmp(f->list_state, "failed") == 0 || strcmp(f->list_state, "unable") == 0)
        doctor_add(out, DOCTOR_WARNING, "local-list", next,
                   "its local authorization list is not as wanted (%s)%s%s", f->list_state,
                   f->list_unable[0] != '\0' ? ": " : "", f->list_unable);
    if (f->file_job[0] != '\0')
        doctor_add(out, DOCTOR_NOTE, "file-job", "noxctl file list", "%s", f->file_job);
}

void doctor_judge(const struct doctor_facts *f, struct doctor_findings *out)
{
    out->n = 0;
    if (!f->known) {
        judge_unknown(f, out);
        doctor_sort(out);
        return;
    }
    judge_offline(f, out);
    judge_registration(f, out);
    judge_key(f, out);
    judge_link(f, out);
    if (f->station.online)
        judge_refused(f, out);
    judge_connectors(f, out);
    judge_alarms(f, out);
    judge_clock(f, out);
    judge_restlessness(f, out);
    judge_words(f, out);
    judge_wishes(f, out);
    judge_class(f, out);
    judge_writes(f, out);
    doctor_sort(out);
}
