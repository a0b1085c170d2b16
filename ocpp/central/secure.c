/*
 * Changes of a station's key and security profile (security white paper A01, A05).
 *
 * Whoever sends ChangeConfiguration of AuthorizationKey or SecurityProfile: what we hold follows
 * what the station accepts.  First the new value is written as pending, then the request goes out;
 * from then on the station may come by the old and by the new one, also after a restart of ours.
 * The answer, or the first connection by the new one, ends it: a key the station has taken ends the
 * old key at once, a profile when it is first seen at work.  Where the outcome is unknown both stay
 * valid until the new one is seen: nobody is locked out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum { KEY_MIN_BYTES = 16, VALUE_MAX_BYTES = 500 };

struct change {
    struct station *station;
    bool of_key; /* else of the profile */
    uint8_t salt[16], hash[32];
    bool had_pending; /* the key that this one took the place of */
    uint8_t before_salt[16], before_hash[32];
    int32_t profile;
    /* the request */
    char *payload;
    uint32_t call_key;
    bool urgent;
    int64_t timeout_ms;
    void (*done)(void *arg, const struct central_reply *reply);
    void *arg;
};

/* --- what the station has --- */

static bool is_pending(const struct station *s, const struct change *ch)
{
    const struct central_identity *id = &s->identity;
    return ch->of_key
               ? id->has_pending_key && memcmp(s->pending_hash, ch->hash, sizeof(ch->hash)) == 0 &&
                     memcmp(s->pending_salt, ch->salt, sizeof(ch->salt)) == 0
               : id->pending_profile == ch->profile;
}

static void write_done(void *arg, enum store_rc rc, const union store_result *result)
{
    struct station *s = arg;
    (void)rc;
    (void)result;
    s->n_security_writes--;
    s->n_pending--;
    station_free_if_gone(s);
}

/* In memory it holds already; should it not be written, the next start finds the step before it,
 * at which more is valid and nobody is locked out. */
static void write_key(struct station *s, enum store_security step, const uint8_t salt[16],
                      const uint8_t hash[32])
{
    struct store_done done = { .fn = write_done, .arg = s };
    s->n_pending++;
    s->n_security_writes++;
    if (!store_security_key(s->central->options.store, s->id, step, salt, hash, done))
        write_done(s, STORE_FULL, NULL);
}

static void write_profile(struct station *s, enum store_security step, int32_t profile)
{
    struct store_done done = { .fn = write_done, .arg = s };
    s->n_pending++;
    s->n_security_writes++;
    if (!store_security_profile(s->central->options.store, s->id, step, profile, done))
        write_done(s, STORE_FULL, NULL);
}

static void key_confirm(struct station *s, struct instant now)
{
    memcpy(s->old_salt, s->key_salt, sizeof(s->old_salt));
    memcpy(s->old_hash, s->key_hash, sizeof(s->old_hash));
    s->identity.has_old_key = s->identity.has_key;
    memcpy(s->key_salt, s->pending_salt, sizeof(s->key_salt));
    memcpy(s->key_hash, s->pending_hash, sizeof(s->key_hash));
    s->identity.has_key = true;
    s->identity.has_pending_key = false;
    write_key(s, STORE_KEY_CONFIRMED, s->key_salt, s->key_hash);
    central_event(s->central, "station.key_changed", STORE_INFO, s->id, -1, now,
                  "the station has its new key; the old one is refused from now on");
}

static void profile_confirm(struct station *s, struct instant now)
{
    int32_t old = s->identity.security_profile;
    s->identity.security_profile = s->identity.pending_profile;
    s->identity.pending_profile = 0;
    write_profile(s, STORE_PROFILE_RAISED, s->identity.security_profile);
    central_event(s->central, "station.profile_raised", STORE_INFO, s->id, -1, now,
                  "connected with security profile %d; profile %d is refused from now on",
                  (int)s->identity.security_profile, (int)old);
}

static void drop(struct station *s, const struct change *ch)
{
    if (ch->of_key && ch->had_pending) { /* the station may still have that one */
        memcpy(s->pending_salt, ch->before_salt, sizeof(s->pending_salt));
        memcpy(s->pending_hash, ch->before_hash, sizeof(s->pending_hash));
        s->key_shown = true; /* else this one would not have been begun */
        write_key(s, STORE_KEY_PENDING, s->pending_salt, s->pending_hash);
    } else if (ch->of_key) {
        s->identity.has_pending_key = false;
        write_key(s, STORE_KEY_DROPPED, ch->salt, ch->hash);
    } else {
        s->identity.pending_profile = 0;
        write_profile(s, STORE_PROFILE_DROPPED, ch->profile);
    }
}

void central_proved(struct central *c, struct session *session, int32_t profile,
                    bool by_pending_key, struct instant now)
{
    struct station *s = session->station;
    c->now = now;
    session->profile = profile;
    if (s->identity.has_pending_key && by_pending_key) {
        key_confirm(s, now);
    } else if (s->identity.has_pending_key && (profile == 1 || profile == 2)) {
        s->key_shown = true;
        central_event(
            c, "station.key_unconfirmed", STORE_WARNING, s->id, -1, now,
            "connected with its old key; the new one stays valid too, until it is used or "
            "another is made");
    }
    if (profile > s->identity.security_profile && profile == s->identity.pending_profile)
        profile_confirm(s, now);
}

/* --- the answer --- */

/* Rejected, NotSupported, or an error that says it was not carried out. */
static bool says_no(const struct central_reply *reply)
{
    static const char *const refusals[] = { "NotImplemented",
                                            "NotSupported",
                                            "FormationViolation",
                                            "FormatViolation",
                                            "ProtocolError",
                                            "PropertyConstraintViolation",
                                            "OccurenceConstraintViolation",
                                            "OccurrenceConstraintViolation",
                                            "TypeConstraintViolation",
                                            "SecurityError" };
    if (reply->outcome == CENTRAL_ANSWERED)
        return reply_is(reply, "Rejected") || reply_is(reply, "NotSupported");
    for (size_t i = 0;
         reply->outcome == CENTRAL_CALLERROR && i < sizeof(refusals) / sizeof(refusals[0]); i++)
        if (ocpp_ci_equal(reply->error_code, refusals[i]))
            return true;
    return false;
}

static bool was_not_sent(const struct central_reply *reply)
{
    return reply->outcome != CENTRAL_ANSWERED && reply->outcome != CENTRAL_CALLERROR &&
           reply->outcome != CENTRAL_TIMEOUT && reply->outcome != CENTRAL_LOST;
}

static const char *what_of(const struct change *ch)
{
    return ch->of_key ? "key" : "profile";
}

static void judge(struct change *ch, const struct central_reply *reply)
{
    struct station *s = ch->station;
    struct central *c = s->central;
    if (!is_pending(s, ch))
        return; /* it was seen at work meanwhile, or the operator has set another */
    if (was_not_sent(reply) || says_no(reply)) {
        drop(s, ch);
        if (says_no(reply))
            central_event(c, ch->of_key ? "station.key_kept" : "station.profile_kept",
                          STORE_WARNING, s->id, -1, c->now,
                          "the station did not take the new %s: the old one stays", what_of(ch));
    } else if (ch->of_key && reply_is(reply, "Accepted")) {
        key_confirm(s, c->now);
    } else {
        bool reboots = reply_is(reply, "RebootRequired");
        bool accepted = reboots || reply_is(reply, "Accepted");
        central_event(
            c, ch->of_key ? "station.key_unconfirmed" : "station.profile_pending",
            accepted ? STORE_INFO : STORE_WARNING, s->id, -1, c->now,
            "%s: the old %s and the new one are valid until the station comes by the new one",
            reboots    ? "the new value counts after a reboot"
            : accepted ? "the station will connect anew"
                       : "whether the station has taken it is unknown",
            what_of(ch));
    }
}

static void change_free(struct change *ch)
{
    free(ch->payload);
    free(ch);
}

static void change_end(struct change *ch, const struct central_reply *reply)
{
    struct station *s = ch->station;
    if (!s->gone)
        judge(ch, reply);
    if (ch->done != NULL)
        ch->done(ch->arg, reply);
    change_free(ch);
    s->n_pending--;
    station_free_if_gone(s);
}

static void on_change_reply(void *arg, const struct central_reply *reply)
{
    change_end(arg, reply);
}

static void pending_durable(void *arg, enum store_rc rc, const union store_result *result)
{
    struct change *ch = arg;
    struct station *s = ch->station;
    struct central_reply failed = { .outcome = CENTRAL_QUEUE_FULL,
                                    .text = "the change cannot be written now; nothing was sent" };
    (void)result;
    s->n_security_writes--;
    if (s->gone)
        failed = (struct central_reply){ .outcome = CENTRAL_OFFLINE,
                                         .text = "the station was removed; nothing was sent" };
    if (rc != STORE_OK || s->gone)
        change_end(ch, &failed);
    else
        station_send_call(s, "ChangeConfiguration", ch->payload, ch->call_key, ch->urgent,
                          ch->timeout_ms, on_change_reply, ch, s->central->now);
}

/* --- the request --- */

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Bytes of a key: hexadecimal digits of at least 16 bytes (A00.FR.205), else the text as it is. */
static size_t key_bytes(const char *value, uint8_t *bytes)
{
    size_t len = strlen(value), n = 0;
    bool is_hex = len % 2 == 0 && len >= 2 * KEY_MIN_BYTES;
    for (size_t i = 0; is_hex && i < len; i++)
        is_hex = digit(value[i]) >= 0;
    if (!is_hex) {
        memcpy(bytes, value, len);
        return len;
    }
    for (; n < len / 2; n++)
        bytes[n] = (uint8_t)(digit(value[2 * n]) * 16 + digit(value[2 * n + 1]));
    return n;
}

static bool hash_of(struct central *c, const char *value, struct change *ch)
{
    const struct central_port *port = &c->options.port;
    uint8_t bytes[VALUE_MAX_BYTES];
    if (strlen(value) > sizeof(bytes))
        return false;
    size_t n = key_bytes(value, bytes);
    bool good = port->key_hash(port->arg, bytes, n, ch->salt, ch->hash);
    volatile uint8_t *p = bytes;
    for (size_t i = 0; i < sizeof(bytes); i++)
        p[i] = 0;
    return good;
}

static bool whole_number(const char *text, int32_t *ret_number)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (end == text || *end != '\0' || n < 0 || n > 3)
        return false;
    *ret_number = (int32_t)n;
    return true;
}

/* What the request would change; false when it is none of ours (it then goes out as it is). */
static bool read_change(const struct station *s, const char *payload, struct change *ch)
{
    json_t *root = json_loads(payload, 0, NULL);
    const char *key = json_string_value(json_object_get(root, "key"));
    const json_t *given = json_object_get(root, "value");
    const char *value = json_string_value(given);
    char number[24];
    if (json_is_integer(given)) { /* sent unchecked: stations may take it all the same */
        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(given));
        value = number;
    }
    bool ours = false;
    if (key != NULL && value != NULL && ocpp_ci_equal(key, "AuthorizationKey")) {
        ch->of_key = true;
        ours = s->central->options.port.key_hash != NULL && hash_of(s->central, value, ch);
    } else if (key != NULL && value != NULL && ocpp_ci_equal(key, "SecurityProfile")) {
        ours = whole_number(value, &ch->profile) && ch->profile != s->identity.security_profile;
    }
    json_decref(root);
    return ours;
}

/* NULL: it may go out. */
static const char *refusal(const struct station *s, const struct change *ch)
{
    if (!ch->of_key && ch->profile < s->identity.security_profile)
        return "a security profile is never lowered over OCPP (A00.FR.005): set security_profile in "
               "the station's apply file and change the station on site; nothing was sent";
    if (ch->of_key && s->identity.has_pending_key && !s->key_shown)
        return "whether the station has taken its last new key is unknown, and a third one could lock "
               "it out: let it connect again first ('noxctl station reset'); nothing was sent";
    return NULL;
}

static void set_pending(struct station *s, struct change *ch)
{
    if (!ch->of_key) {
        s->identity.pending_profile = ch->profile;
        return;
    }
    ch->had_pending = s->identity.has_pending_key;
    memcpy(ch->before_salt, s->pending_salt, sizeof(ch->before_salt));
    memcpy(ch->before_hash, s->pending_hash, sizeof(ch->before_hash));
    memcpy(s->pending_salt, ch->salt, sizeof(s->pending_salt));
    memcpy(s->pending_hash, ch->hash, sizeof(s->pending_hash));
    s->identity.has_pending_key = true;
    s->key_shown = false;
}

static bool submit(struct station *s, struct change *ch)
{
    struct store *store = s->central->options.store;
    struct store_done done = { .fn = pending_durable, .arg = ch };
    s->n_security_writes++;
    bool taken =
        ch->of_key ? store_security_key(store, s->id, STORE_KEY_PENDING, ch->salt, ch->hash, done)
                   : store_security_profile(store, s->id, STORE_PROFILE_PENDING, ch->profile, done);
    if (!taken)
        s->n_security_writes--;
    return taken;
}

bool secure_call(struct station *s, const char *action, const char *payload, uint32_t call_key,
                 bool urgent, int64_t timeout_ms,
                 void (*done)(void *arg, const struct central_reply *reply), void *arg)
{
    struct change plan = { .station = s,
                           .call_key = call_key,
                           .urgent = urgent,
                           .timeout_ms = timeout_ms,
                           .done = done,
                           .arg = arg };
    if (s->session == NULL || !ocpp_ci_equal(action, "ChangeConfiguration") ||
        !read_change(s, payload, &plan))
        return false;
    const char *why = refusal(s, &plan);
    if (why != NULL) {
        struct central_reply refused = { .outcome = CENTRAL_REFUSED, .text = why };
        if (done != NULL)
            done(arg, &refused);
        return true;
    }
    struct change *ch = malloc(sizeof(*ch));
    if (ch != NULL)
        *ch = plan;
    if (ch == NULL || (ch->payload = strdup(payload)) == NULL) {
        struct central_reply full = { .outcome = CENTRAL_QUEUE_FULL,
                                      .text = "out of memory; nothing was sent" };
        free(ch);
        if (done != NULL)
            done(arg, &full);
        return true;
    }
    s->n_pending++;
    set_pending(s, ch);
    if (!submit(s, ch)) {
        struct central_reply full = { .outcome = CENTRAL_QUEUE_FULL,
                                      .text =
                                          "the change cannot be written now; nothing was sent" };
        change_end(ch, &full);
    }
    return true;
}
