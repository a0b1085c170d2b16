/*
 * The decision on an upgrade.  Steps in order, each refuses or lets pass: is it a websocket
 * request, does it name an identity, is that known, does it speak ocpp1.6, does it prove itself.
 */
#include "ocpp/server/handshake.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ocpp/server/credentials.h"

static const char ENDPOINT[] = "/ocpp";
static const char SUBPROTOCOL[] = "ocpp1.6";

static const struct {
    int status;
    const char *word, *answer;
    bool open; /* the peer may read the detail as well: it helps at the pole, and tells no secret */
} reasons[] = {
    [HANDSHAKE_ACCEPTED] = { 101, "accepted", "", false },
    [HANDSHAKE_NOT_WEBSOCKET] = { 400, "not-websocket",
                                  "This is an OCPP 1.6-J endpoint for charging points: connect by "
                                  "websocket to /ocpp/<chargePointId>.",
                                  true },
    [HANDSHAKE_BAD_UPGRADE] = { 400, "bad-upgrade",
                                "The websocket request is not complete (RFC 6455 section 4.1).",
                                true },
    [HANDSHAKE_WRONG_PATH] = { 404, "wrong-path",
                               "Charging points connect to /ocpp/<chargePointId>.", true },
    [HANDSHAKE_NO_IDENTITY] = { 404, "no-identity",
                                "The chargePointId is missing: connect to /ocpp/<chargePointId>.",
                                true },
    [HANDSHAKE_BAD_IDENTITY] = { 404, "bad-identity",
                                 "The chargePointId must be 1 to 48 printable characters without "
                                 "'/'.",
                                 true },
    [HANDSHAKE_UNKNOWN_STATION] = { 404, "unknown-station", "This chargePointId is not known.",
                                    true },
    [HANDSHAKE_NO_SUBPROTOCOL] = { 400, "no-subprotocol",
                                   "Sec-WebSocket-Protocol is missing: offer ocpp1.6.", true },
    [HANDSHAKE_WRONG_SUBPROTOCOL] = { 400, "wrong-subprotocol",
                                      "None of the offered subprotocols is ocpp1.6.", true },
    [HANDSHAKE_NEEDS_TLS] = { 401, "needs-tls", "This station must connect by wss (TLS).", true },
    [HANDSHAKE_NO_KEY_SET] = { 401, "no-key-set", "User name or password is wrong.", false },
    [HANDSHAKE_NO_CREDENTIALS] = { 401, "no-credentials",
                                   "This station must authenticate by HTTP Basic.", false },
    [HANDSHAKE_BAD_CREDENTIALS] = { 401, "bad-credentials",
                                    "The Authorization header cannot be read.", false },
    [HANDSHAKE_WRONG_USER] = { 401, "wrong-user", "User name or password is wrong.", false },
    [HANDSHAKE_BAD_KEY] = { 401, "bad-key", "User name or password is wrong.", false },
    [HANDSHAKE_NO_CERTIFICATE] = { 401, "no-certificate",
                                   "This station must present a client certificate.", false },
    [HANDSHAKE_WRONG_CERTIFICATE] = { 401, "wrong-certificate",
                                      "The client certificate belongs to another station.", false },
    [HANDSHAKE_WRONG_ORGANISATION] = { 401, "wrong-organisation",
                                       "The client certificate was not issued for this operator.",
                                       false },
    [HANDSHAKE_TOO_OFTEN] = { 503, "too-often",
                              "This station connects too often: wait before the next attempt.",
                              false },
    [HANDSHAKE_TOO_MANY_UNKNOWN] = { 503, "too-many-unknown",
                                     "Too many unknown stations at once: try again later.", false },
    [HANDSHAKE_STOPPING] = { 503, "stopping", "The central system is stopping: try again soon.",
                             false },
    [HANDSHAKE_BAD_CERTIFICATE] = { 0, "bad-certificate", "", false },
    [HANDSHAKE_TLS_FAILED] = { 0, "tls-failed", "", false },
    [HANDSHAKE_TIMED_OUT] = { 0, "timed-out", "", false },
};

const char *handshake_word(enum handshake_reason reason)
{
    return reasons[reason].word;
}

bool handshake_is_security(enum handshake_reason reason)
{
    return reasons[reason].status == 401 || reason == HANDSHAKE_BAD_CERTIFICATE ||
           reason == HANDSHAKE_TLS_FAILED;
}

int handshake_status(enum handshake_reason reason)
{
    return reasons[reason].status;
}

void handshake_answer(const struct handshake_verdict *v, char *buf, size_t size)
{
    if (reasons[v->reason].open && v->detail[0] != '\0')
        snprintf(buf, size, "%s\n%s\n", reasons[v->reason].answer, v->detail);
    else
        snprintf(buf, size, "%s\n", reasons[v->reason].answer);
}

/* --- text --- */

/* Bytes of the UTF-8 character at `text`, 0 if there is none or it is not printable. */
static size_t printable_character(const char *text, size_t len)
{
    const uint8_t *p = (const uint8_t *)text;
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
    if (n == 0 || n > len)
        return 0;
    uint32_t code = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3F);
    }
    bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    bool unseen = (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
                  (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || code == 0xFFFE ||
                  code == 0xFFFF;
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return control || unseen || surrogate || code < least[n] || code > 0x10FFFF ? 0 : n;
}

void handshake_printable(char *dst, size_t size, const char *src, size_t len)
{
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        size_t n = printable_character(src + i, len - i);
        if (used + (n ? n : 1) >= size)
            break;
        if (n == 0) {
            dst[used++] = '?';
            i++;
            continue;
        }
        memcpy(dst + used, src + i, n);
        used += n;
        i += n;
    }
    dst[used] = '\0';
}

/* Is `word` one of a comma-separated list, blanks around it ignored? */
static bool list_has(const char *list, const char *word, bool any_case)
{
    size_t word_len = strlen(word);
    while (*list != '\0') {
        list += strspn(list, " \t,");
        size_t len = strcspn(list, ",");
        size_t trimmed = len;
        while (trimmed > 0 && strchr(" \t", list[trimmed - 1]) != NULL)
            trimmed--;
        if (trimmed == word_len &&
            (any_case ? strncasecmp(list, word, trimmed) == 0 : strncmp(list, word, trimmed) == 0))
            return true;
        list += len;
    }
    return false;
}

static bool refuse(struct handshake_verdict *v, enum handshake_reason reason)
{
    v->reason = reason;
    return false;
}

/* --- steps --- */

struct decision {
    const struct handshake_request *request;
    const struct handshake_lookup *lookup;
    struct handshake_verdict *v;
    const struct central_identity *identity;
    struct credentials credentials;
    bool has_credentials; /* a header that can be read */
    char user[HANDSHAKE_ID_SIZE];
};

static bool is_websocket(struct decision *d)
{
    const struct handshake_request *r = d->request;
    const char *missing = NULL;
    if (r->path == NULL || r->upgrade == NULL || strcasecmp(r->upgrade, "websocket") != 0) {
        snprintf(d->v->detail, sizeof(d->v->detail),
                 "an HTTP request that is no websocket upgrade: use ws:// or wss:// in the "
                 "station's URL; a proxy between must pass the Upgrade header on");
        return refuse(d->v, HANDSHAKE_NOT_WEBSOCKET);
    }
    if (r->connection == NULL || !list_has(r->connection, "upgrade", true))
        missing = "the header 'Connection: Upgrade'";
    else if (r->host == NULL)
        missing = "the header 'Host'";
    else if (r->websocket_key == NULL || strlen(r->websocket_key) != 24)
        missing = "a Sec-WebSocket-Key of 24 characters";
    else if (r->websocket_version != NULL && strcmp(r->websocket_version, "13") != 0)
        missing = "the header 'Sec-WebSocket-Version: 13'";
    if (missing == NULL)
        return true;
    snprintf(d->v->detail, sizeof(d->v->detail),
             "the upgrade request lacks %s: look at the station's firmware, or at a proxy between",
             missing);
    return refuse(d->v, HANDSHAKE_BAD_UPGRADE);
}

/* The path of a request line that carries a whole URL ("http:/host/path" after normalising). */
static const char *path_of(const char *text)
{
    static const char *const schemes[] = { "http:", "https:", "ws:", "wss:" };
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(text, schemes[i], len) != 0)
            continue;
        const char *host = text + len + strspn(text + len, "/");
        return host + strcspn(host, "/");
    }
    return text;
}

static bool has_path(struct decision *d, const char **ret_rest)
{
    const char *path = path_of(d->request->path);
    size_t len = strlen(ENDPOINT);
    if (strncmp(path, ENDPOINT, len) == 0 && (path[len] == '/' || path[len] == '\0')) {
        *ret_rest = path + len + (path[len] == '/');
        return true;
    }
    const char *last = strrchr(path, '/');
    last = last != NULL && last[1] != '\0' ? last + 1 : path;
    char shown[120];
    handshake_printable(shown, sizeof(shown), path, strlen(path));
    handshake_printable(d->v->id, sizeof(d->v->id), last, strlen(last));
    snprintf(d->v->detail, sizeof(d->v->detail),
             "the path is %s: set the station's URL to ws://HOST:PORT/ocpp (it adds its identity) "
             "or ws://HOST:PORT/ocpp/IDENTITY",
             shown);
    return refuse(d->v, HANDSHAKE_WRONG_PATH);
}

static bool has_identity(struct decision *d, const char *rest)
{
    size_t len = strlen(rest), characters = 0;
    if (len > 0 && rest[len - 1] == '/')
        len--; /* a trailing slash is tolerated */
    handshake_printable(d->v->id, sizeof(d->v->id), rest, len);
    if (len == 0) {
        bool named = d->user[0] != '\0';
        snprintf(d->v->id, sizeof(d->v->id), "%s", d->user);
        snprintf(d->v->detail, sizeof(d->v->detail),
                 "the URL ends in /ocpp/ without an identity: append %s%s",
                 named ? "the station's own, /ocpp/" : "the station's chargePointId", d->user);
        return refuse(d->v, HANDSHAKE_NO_IDENTITY);
    }
    for (size_t i = 0; i < len; characters++) {
        size_t n = rest[i] == '/' ? 0 : printable_character(rest + i, len - i);
        if (n == 0) {
            snprintf(d->v->detail, sizeof(d->v->detail),
                     "the identity contains %s: correct the URL in the station, a chargePointId "
                     "is 1 to %d printable characters without '/'",
                     rest[i] == '/' ? "'/'" : "a character that is not printable",
                     HANDSHAKE_ID_CHARACTERS);
            return refuse(d->v, HANDSHAKE_BAD_IDENTITY);
        }
        i += n;
    }
    if (characters > HANDSHAKE_ID_CHARACTERS) {
        snprintf(d->v->detail, sizeof(d->v->detail),
                 "the identity has %zu characters, %d are the most: give the station a shorter one",
                 characters, HANDSHAKE_ID_CHARACTERS);
        return refuse(d->v, HANDSHAKE_BAD_IDENTITY);
    }
    return true;
}

/* A plus in a path arrives as a blank: an identity with blanks is looked up both ways. */
static const struct central_identity *look_up(const struct decision *d)
{
    const struct handshake_lookup *l = d->lookup;
    const struct central_identity *found = l->identity(l->arg, d->v->id);
    char plus[HANDSHAKE_ID_SIZE];
    if (found != NULL || strchr(d->v->id, ' ') == NULL)
        return found;
    size_t len = strlen(d->v->id);
    for (size_t i = 0; i <= len; i++)
        plus[i] = d->v->id[i] == ' ' ? '+' : d->v->id[i];
    found = l->identity(l->arg, plus);
    if (found != NULL)
        memcpy(d->v->id, plus, len + 1);
    return found;
}

/* Who asks for stations that do not exist learns nothing from the time it takes. */
static void spend_the_same_time(const struct decision *d)
{
    static const uint8_t nothing[KEY_HASH_BYTES];
    const struct credentials *c = &d->credentials;
    size_t user = d->has_credentials ? credentials_user_len(c) + 1 : 0;
    if (d->has_credentials)
        (void)credentials_key_matches(c->bytes + user, c->len - user, nothing, nothing);
}

static bool is_known(struct decision *d)
{
    const struct handshake_lookup *l = d->lookup;
    d->identity = look_up(d);
    if (d->identity != NULL)
        return true;
    spend_the_same_time(d);
    if (l->accept_unknown) {
        d->v->provision = true;
        return true;
    }
    const char *like = l->like != NULL ? l->like(l->arg, d->v->id) : NULL;
    if (like != NULL)
        snprintf(d->v->detail, sizeof(d->v->detail),
                 "no station %s is known, but %.100s is: identities count upper and lower case, "
                 "correct it in the station",
                 d->v->id, like);
    else
        snprintf(d->v->detail, sizeof(d->v->detail),
                 "no such station is known: add it with 'noxctl station add %.100s', or correct "
                 "the identity in the station",
                 d->v->id);
    return refuse(d->v, HANDSHAKE_UNKNOWN_STATION);
}

/* What libwebsockets reads as a list of subprotocols: tokens, commas, blanks around them. */
static bool is_readable_list(const char *list)
{
    static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (strlen(list) >= 120)
        return false;
    while (*list != '\0') {
        list += strspn(list, " \t,");
        list += strspn(list, token);
        list += strspn(list, " \t");
        if (*list != '\0' && *list != ',')
            return false;
    }
    return true;
}

static bool speaks_ocpp(struct decision *d)
{
    const char *offered = d->request->subprotocols;
    char shown[120];
    if (offered == NULL || offered[strspn(offered, " \t,")] == '\0') {
        if (d->identity != NULL && d->identity->lax_subprotocol && offered == NULL)
            return true;
        snprintf(d->v->detail, sizeof(d->v->detail),
                 "the station names no subprotocol: set it to OCPP 1.6 JSON; if its firmware "
                 "cannot, set \"lax_subprotocol\": true for it");
        return refuse(d->v, HANDSHAKE_NO_SUBPROTOCOL);
    }
    if (is_readable_list(offered) && list_has(offered, SUBPROTOCOL, false))
        return true;
    handshake_printable(shown, sizeof(shown), offered, strlen(offered));
    snprintf(d->v->detail, sizeof(d->v->detail),
             "the station offers \"%s\" but not %s: set it to OCPP 1.6 JSON", shown, SUBPROTOCOL);
    return refuse(d->v, HANDSHAKE_WRONG_SUBPROTOCOL);
}

/* Both are always computed: the time tells nothing. */
static bool key_is_known(struct decision *d, const uint8_t *key, size_t len)
{
    static const uint8_t nothing[KEY_HASH_BYTES];
    const struct central_identity *s = d->identity;
    bool present = credentials_key_matches(key, len, s->has_key ? s->key_salt : nothing,
                                           s->has_key ? s->key_hash : nothing);
    bool pending = credentials_key_matches(key, len, s->has_pending_key ? s->pending_salt : nothing,
                                           s->has_pending_key ? s->pending_hash : nothing);
    d->v->by_pending_key = pending && s->has_pending_key && !(present && s->has_key);
    return (present && s->has_key) | (pending && s->has_pending_key);
}

static bool proves_by_key(struct decision *d)
{
    struct handshake_verdict *v = d->v;
    const struct central_identity *s = d->identity;
    const uint8_t *key = NULL;
    size_t key_len = 0;
    if (!d->has_credentials) {
        bool sent = d->request->authorization != NULL;
        snprintf(v->detail, sizeof(v->detail),
                 sent ? "the Authorization header is not HTTP Basic with base64: look at the "
                        "station's firmware"
                      : "the station sends no password: enter its key (AuthorizationKey) in the "
                        "station, with the identity as user name");
        return refuse(v, sent ? HANDSHAKE_BAD_CREDENTIALS : HANDSHAKE_NO_CREDENTIALS);
    }
    if (!s->has_key && !s->has_pending_key) {
        spend_the_same_time(d);
        snprintf(v->detail, sizeof(v->detail),
                 "no key is set for this station: make one with 'noxctl station key %.100s' and "
                 "enter it in the station",
                 s->id);
        return refuse(v, HANDSHAKE_NO_KEY_SET);
    }
    if (!credentials_user_is(&d->credentials, s->id, &key, &key_len)) {
        spend_the_same_time(d);
        snprintf(v->detail, sizeof(v->detail),
                 "the user name is \"%.100s\": it must be the identity, exactly as in the URL",
                 d->user);
        return refuse(v, HANDSHAKE_WRONG_USER);
    }
    if (!key_is_known(d, key, key_len)) {
        if (s->has_old_key && credentials_key_matches(key, key_len, s->old_salt, s->old_hash))
            snprintf(
                v->detail, sizeof(v->detail),
                "the station still has the key before the last: enter the new one, or go back with "
                "'noxctl station key %.100s --rollback'",
                s->id);
        else
            snprintf(
                v->detail, sizeof(v->detail),
                "the key of %zu bytes is not the station's: enter the right one, or make a new "
                "one with 'noxctl station key %.100s'",
                key_len, s->id);
        return refuse(v, HANDSHAKE_BAD_KEY);
    }
    return true;
}

/* Issued for this operator?  A maker's certificate is genuine and still not ours (A00.FR.405). */
static bool is_ours(struct decision *d)
{
    const char *wanted = d->lookup->organisation, *o = d->request->certificate_organisation;
    char shown[80] = "";
    if (wanted == NULL || (o != NULL && strcmp(o, wanted) == 0))
        return true;
    if (o != NULL)
        handshake_printable(shown, sizeof(shown), o, strlen(o));
    snprintf(
        d->v->detail, sizeof(d->v->detail),
        "the client certificate is genuine but its O is \"%s\", not \"%.60s\" (a certificate of the "
        "factory?): let the station come with security profile 2 and give it one of ours with "
        "'noxctl cert sign', or change --cpo-name",
        shown, wanted);
    return refuse(d->v, HANDSHAKE_WRONG_ORGANISATION);
}

/* The CN is the station's serial number (A00.FR.511), which may be another word than its identity.
 */
static bool proves_by_certificate(struct decision *d)
{
    const char *cn = d->request->certificate_cn;
    const char *wanted =
        d->identity->certificate_cn != NULL ? d->identity->certificate_cn : d->identity->id;
    char shown[80];
    if (cn == NULL) {
        snprintf(d->v->detail, sizeof(d->v->detail),
                 "the station has security profile 3 but shows no client certificate: install "
                 "one whose CN is %.100s (certs/README.md), and give noxd --tls-client-ca",
                 wanted);
        return refuse(d->v, HANDSHAKE_NO_CERTIFICATE);
    }
    if (strcmp(cn, wanted) == 0)
        return is_ours(d);
    handshake_printable(shown, sizeof(shown), cn, strlen(cn));
    snprintf(
        d->v->detail, sizeof(d->v->detail),
        "the client certificate's CN is \"%s\", that of this station must be \"%.60s\": is it its "
        "serial number, then give %.60s that \"certificate_cn\" by 'noxctl apply'",
        shown, wanted, d->identity->id);
    return refuse(d->v, HANDSHAKE_WRONG_CERTIFICATE);
}

static bool proves_as(struct decision *d, int32_t profile)
{
    d->v->by_pending_key = false;
    if (profile >= 2 && !d->request->tls) {
        snprintf(d->v->detail, sizeof(d->v->detail),
                 "the station has security profile %d but connects without TLS: give it the wss:// "
                 "URL and the root certificate",
                 (int)profile);
        return refuse(d->v, HANDSHAKE_NEEDS_TLS);
    }
    d->v->profile = profile;
    return profile == 0 || (profile == 3 ? proves_by_certificate(d) : proves_by_key(d));
}

/* While a raise is under way the station may come by its old profile and by the new one
 * (A05.FR.08); else by its own, on TLS as well where that is not asked for, and never by less. */
static bool proves_itself(struct decision *d)
{
    if (d->identity == NULL)
        return true; /* to be provisioned, Pending until an operator accepts it */
    if (d->identity->pending_profile > d->identity->security_profile &&
        proves_as(d, d->identity->pending_profile))
        return true;
    d->v->reason = HANDSHAKE_ACCEPTED;
    d->v->detail[0] = '\0';
    return proves_as(d, d->identity->security_profile);
}

bool handshake_decide(const struct handshake_request *request,
                      const struct handshake_lookup *lookup, struct handshake_verdict *ret_verdict)
{
    struct decision d = { .request = request, .lookup = lookup, .v = ret_verdict };
    const char *rest = NULL;
    memset(ret_verdict, 0, sizeof(*ret_verdict));
    d.has_credentials =
        request->authorization != NULL && credentials_parse(request->authorization, &d.credentials);
    if (d.has_credentials)
        handshake_printable(d.user, sizeof(d.user), (const char *)d.credentials.bytes,
                            credentials_user_len(&d.credentials));
    bool accepted = is_websocket(&d) && has_path(&d, &rest) && has_identity(&d, rest) &&
                    is_known(&d) && speaks_ocpp(&d) && proves_itself(&d);
    if (!accepted)
        ret_verdict->provision = false;
    return accepted;
}
