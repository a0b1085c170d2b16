/* The decision on an upgrade request, case by case. */
#include <openssl/sha.h>
#include <stdlib.h>

#include "ocpp/server/handshake.h"
#include "tests/ocpp/wire/check_wire.h"

#define KEY "0123456789abcdef0123"
static const uint8_t salt[16] = "salt of the test";
static uint8_t key_hash[32], raw_hash[32];
/* 20 bytes with NUL, ':' and 0xFF, as in OCPP-J section 6.2.2. */
static const uint8_t raw_key[20] = { 0x00, 0x01, 0x3A, 0xFF, 0x80, 5,  6,  7,  8,  9,
                                     10,   11,   12,   13,   14,   15, 16, 17, 18, 0x00 };

static struct central_identity stations[] = {
    { .id = "CP-0", .security_profile = 0 },
    { .id = "CP-1",
      .security_profile = 1,
      .has_key = true,
      .key_salt = salt,
      .key_hash = key_hash },
    { .id = "CP-2",
      .security_profile = 2,
      .has_key = true,
      .key_salt = salt,
      .key_hash = key_hash },
    { .id = "CP-3", .security_profile = 3 },
    { .id = "CP-4", .security_profile = 1 }, /* no key set yet */
    { .id = "CP-5",
      .security_profile = 1,
      .has_key = true,
      .key_salt = salt,
      .key_hash = raw_hash },
    { .id = "LAX", .security_profile = 0, .lax_subprotocol = true },
    { .id = "A+B", .security_profile = 0 },
    { .id = "RDAM 123", .security_profile = 0 },
    { .id = "Stra\xC3\x9F"
            "e 7",
      .security_profile = 0 },
    { .id = "COLON:1",
      .security_profile = 1,
      .has_key = true,
      .key_salt = salt,
      .key_hash = key_hash },
};

static const struct central_identity *find(void *arg, const char *id)
{
    (void)arg;
    for (size_t i = 0; i < ARRAY_SIZE(stations); i++)
        if (strcmp(stations[i].id, id) == 0)
            return &stations[i];
    return NULL;
}

static const char *find_like(void *arg, const char *id)
{
    (void)arg;
    return strcmp(id, "cp-1") == 0 ? "CP-1" : NULL;
}

static void hash_key(const void *key, size_t len, uint8_t hash[32])
{
    uint8_t salted[64];
    memcpy(salted, salt, 16);
    memcpy(salted + 16, key, len);
    SHA256(salted, 16 + len, hash);
}

/* `Basic` and base64 of user:key. */
static void basic(const char *user, const void *key, size_t key_len, char *out)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[200] = { 0 };
    size_t n = strlen(user);
    memcpy(bytes, user, n);
    bytes[n++] = ':';
    memcpy(bytes + n, key, key_len);
    n += key_len;
    out += sprintf(out, "Basic ");
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
        *out++ = letters[v >> 18];
        *out++ = letters[v >> 12 & 63];
        *out++ = i + 1 < n ? letters[v >> 6 & 63] : '=';
        *out++ = i + 2 < n ? letters[v & 63] : '=';
    }
    *out = '\0';
}

#define X48 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define E48                                                                                        \
    "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3" \
    "\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9" \
    "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3" \
    "\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9" \
    "\xC3\xA9\xC3\xA9"

enum auth { NONE, RIGHT, WRONG, SHORT, HEX, RAW, OTHER_USER, OTHER_CASE, BEARER, BROKEN };

static const struct {
    const char *why, *path;
    enum auth auth;
    const char *user; /* of the header */
    const char *protocols;
    bool tls;
    const char *cn;
    enum handshake_reason want;
    const char *want_id;
    const char *want_detail; /* a word of it */
} cases[] = {
    { "profile 0 needs nothing", "/ocpp/CP-0", NONE, NULL, "ocpp1.6", false, NULL,
      HANDSHAKE_ACCEPTED, "CP-0", NULL },
    { "profile 0 may come by TLS", "/ocpp/CP-0", NONE, NULL, "ocpp1.6", true, NULL,
      HANDSHAKE_ACCEPTED, "CP-0", NULL },
    { "a header is ignored in profile 0", "/ocpp/CP-0", WRONG, "CP-0", "ocpp1.6", false, NULL,
      HANDSHAKE_ACCEPTED, "CP-0", NULL },
    { "right key", "/ocpp/CP-1", RIGHT, "CP-1", "ocpp1.6", false, NULL, HANDSHAKE_ACCEPTED, "CP-1",
      NULL },
    { "a trailing slash is tolerated", "/ocpp/CP-1/", RIGHT, "CP-1", "ocpp1.6", false, NULL,
      HANDSHAKE_ACCEPTED, "CP-1", NULL },
    { "profile 1 on its way to 2: right key by TLS", "/ocpp/CP-1", RIGHT, "CP-1", "ocpp1.6", true,
      NULL, HANDSHAKE_ACCEPTED, "CP-1", NULL },
    { "the key as hexadecimal text", "/ocpp/CP-1", HEX, "CP-1", "ocpp1.6", false, NULL,
      HANDSHAKE_ACCEPTED, "CP-1", NULL },
    { "a key of raw bytes with NUL and colon", "/ocpp/CP-5", RAW, "CP-5", "ocpp1.6", false, NULL,
      HANDSHAKE_ACCEPTED, "CP-5", NULL },
    { "wrong key", "/ocpp/CP-1", WRONG, "CP-1", "ocpp1.6", false, NULL, HANDSHAKE_BAD_KEY, "CP-1",
      "station key CP-1" },
    { "only the beginning of the key", "/ocpp/CP-1", SHORT, "CP-1", "ocpp1.6", false, NULL,
      HANDSHAKE_BAD_KEY, "CP-1", "19 bytes" },
    { "no header", "/ocpp/CP-1", NONE, NULL, "ocpp1.6", false, NULL, HANDSHAKE_NO_CREDENTIALS,
      "CP-1", "AuthorizationKey" },
    { "another user", "/ocpp/CP-1", OTHER_USER, "CP-2", "ocpp1.6", false, NULL,
      HANDSHAKE_WRONG_USER, "CP-1", "\"CP-2\"" },
    { "user in other case", "/ocpp/CP-1", OTHER_CASE, "cp-1", "ocpp1.6", false, NULL,
      HANDSHAKE_WRONG_USER, "CP-1", "\"cp-1\"" },
    { "not Basic", "/ocpp/CP-1", BEARER, NULL, "ocpp1.6", false, NULL, HANDSHAKE_BAD_CREDENTIALS,
      "CP-1", "Basic" },
    { "not base64", "/ocpp/CP-1", BROKEN, NULL, "ocpp1.6", false, NULL, HANDSHAKE_BAD_CREDENTIALS,
      "CP-1", "base64" },
    { "no key set", "/ocpp/CP-4", RIGHT, "CP-4", "ocpp1.6", false, NULL, HANDSHAKE_NO_KEY_SET,
      "CP-4", "noxctl station key CP-4" },
    { "an identity with a colon", "/ocpp/COLON:1", RIGHT, "COLON:1", "ocpp1.6", false, NULL,
      HANDSHAKE_ACCEPTED, "COLON:1", NULL },
    { "profile 2 without TLS", "/ocpp/CP-2", RIGHT, "CP-2", "ocpp1.6", false, NULL,
      HANDSHAKE_NEEDS_TLS, "CP-2", "wss://" },
    { "profile 2", "/ocpp/CP-2", RIGHT, "CP-2", "ocpp1.6", true, NULL, HANDSHAKE_ACCEPTED, "CP-2",
      NULL },
    { "profile 2 without a key", "/ocpp/CP-2", NONE, NULL, "ocpp1.6", true, NULL,
      HANDSHAKE_NO_CREDENTIALS, "CP-2", NULL },
    { "profile 3", "/ocpp/CP-3", NONE, NULL, "ocpp1.6", true, "CP-3", HANDSHAKE_ACCEPTED, "CP-3",
      NULL },
    { "profile 3 without certificate", "/ocpp/CP-3", RIGHT, "CP-3", "ocpp1.6", true, NULL,
      HANDSHAKE_NO_CERTIFICATE, "CP-3", "--tls-client-ca" },
    { "profile 3 with another's certificate", "/ocpp/CP-3", NONE, NULL, "ocpp1.6", true, "CP-2",
      HANDSHAKE_WRONG_CERTIFICATE, "CP-3", "\"CP-2\"" },
    { "profile 3 without TLS", "/ocpp/CP-3", NONE, NULL, "ocpp1.6", false, NULL,
      HANDSHAKE_NEEDS_TLS, "CP-3", NULL },
    { "a certificate is no key", "/ocpp/CP-2", NONE, NULL, "ocpp1.6", true, "CP-2",
      HANDSHAKE_NO_CREDENTIALS, "CP-2", NULL },
    { "unknown", "/ocpp/NOBODY", RIGHT, "NOBODY", "ocpp1.6", false, NULL, HANDSHAKE_UNKNOWN_STATION,
      "NOBODY", "noxctl station add NOBODY" },
    { "only the case differs", "/ocpp/cp-1", RIGHT, "cp-1", "ocpp1.6", false, NULL,
      HANDSHAKE_UNKNOWN_STATION, "cp-1", "CP-1" },
    { "no path", "/", NONE, NULL, "ocpp1.6", false, NULL, HANDSHAKE_WRONG_PATH, "/", "/ocpp" },
    { "another path", "/steve/websocket/CP-0", NONE, NULL, "ocpp1.6", false, NULL,
      HANDSHAKE_WRONG_PATH, "CP-0", "/steve/websocket/CP-0" },
    { "almost the path", "/ocppx/CP-0", NONE, NULL, "ocpp1.6", false, NULL, HANDSHAKE_WRONG_PATH,
      "CP-0", NULL },
    { "no identity", "/ocpp", NONE, NULL, "ocpp1.6", false, NULL, HANDSHAKE_NO_IDENTITY, "",
      "chargePointId" },
    { "no identity but a user name: it is suggested", "/ocpp/", RIGHT, "CP-1", "ocpp1.6", false,
      NULL, HANDSHAKE_NO_IDENTITY, "CP-1", "/ocpp/CP-1" },
    { "a slash in the identity", "/ocpp/A/B", NONE, NULL, "ocpp1.6", false, NULL,
      HANDSHAKE_BAD_IDENTITY, "A/B", "'/'" },
    { "the path twice", "/ocpp/ocpp/CP-0", NONE, NULL, "ocpp1.6", false, NULL,
      HANDSHAKE_BAD_IDENTITY, "ocpp/CP-0", "'/'" },
    { "48 characters are not too long", "/ocpp/" X48, NONE, NULL, "ocpp1.6", false, NULL,
      HANDSHAKE_UNKNOWN_STATION, X48, NULL },
    { "49 characters are", "/ocpp/" X48 "x", NONE, NULL, "ocpp1.6", false, NULL,
      HANDSHAKE_BAD_IDENTITY, NULL, "49 characters" },
    { "48 characters of two bytes", "/ocpp/" E48, NONE, NULL, "ocpp1.6", false, NULL,
      HANDSHAKE_UNKNOWN_STATION, E48, NULL },
    { "a control character", "/ocpp/A\nB", NONE, NULL, "ocpp1.6", false, NULL,
      HANDSHAKE_BAD_IDENTITY, "A?B", "printable" },
    { "not UTF-8", "/ocpp/A\xFF", NONE, NULL, "ocpp1.6", false, NULL, HANDSHAKE_BAD_IDENTITY, "A?",
      "printable" },
    { "a mark that turns the writing direction",
      "/ocpp/A\xE2\x80\xAE"
      "B",
      NONE, NULL, "ocpp1.6", false, NULL, HANDSHAKE_BAD_IDENTITY, "A???B", "printable" },
    { "a blank", "/ocpp/RDAM 123", NONE, NULL, "ocpp1.6", false, NULL, HANDSHAKE_ACCEPTED,
      "RDAM 123", NULL },
    { "a plus arrives as a blank", "/ocpp/A B", NONE, NULL, "ocpp1.6", false, NULL,
      HANDSHAKE_ACCEPTED, "A+B", NULL },
    { "letters of other alphabets",
      "/ocpp/Stra\xC3\x9F"
      "e 7",
      NONE, NULL, "ocpp1.6", false, NULL, HANDSHAKE_ACCEPTED,
      "Stra\xC3\x9F"
      "e 7",
      NULL },
    { "a whole URL in the request line", "http:/lamps.example/ocpp/CP-0", NONE, NULL, "ocpp1.6",
      false, NULL, HANDSHAKE_ACCEPTED, "CP-0", NULL },
    { "several versions, ours anywhere", "/ocpp/CP-0", NONE, NULL, "ocpp2.0.1, ocpp1.6,ocpp1.5",
      false, NULL, HANDSHAKE_ACCEPTED, "CP-0", NULL },
    { "no subprotocol", "/ocpp/CP-0", NONE, NULL, NULL, false, NULL, HANDSHAKE_NO_SUBPROTOCOL,
      "CP-0", "lax_subprotocol" },
    { "an empty one", "/ocpp/LAX", NONE, NULL, " , ", false, NULL, HANDSHAKE_NO_SUBPROTOCOL, "LAX",
      NULL },
    { "none, from a station that may", "/ocpp/LAX", NONE, NULL, NULL, false, NULL,
      HANDSHAKE_ACCEPTED, "LAX", NULL },
    { "a wrong one, also from a station that may name none", "/ocpp/LAX", NONE, NULL, "ocpp1.5",
      false, NULL, HANDSHAKE_WRONG_SUBPROTOCOL, "LAX", "\"ocpp1.5\"" },
    { "names count upper and lower case", "/ocpp/CP-0", NONE, NULL, "OCPP1.6", false, NULL,
      HANDSHAKE_WRONG_SUBPROTOCOL, "CP-0", "\"OCPP1.6\"" },
    { "a name with a blank is none", "/ocpp/CP-0", NONE, NULL, "nox descriptor, ocpp1.6", false,
      NULL, HANDSHAKE_WRONG_SUBPROTOCOL, "CP-0", NULL },
    { "a longer name is another", "/ocpp/CP-0", NONE, NULL, "ocpp1.6x, xocpp1.6", false, NULL,
      HANDSHAKE_WRONG_SUBPROTOCOL, "CP-0", NULL },
};

static void authorization(enum auth auth, const char *user, char *out)
{
    switch (auth) {
    case NONE:
        out[0] = '\0';
        break;
    case WRONG:
        basic(user, "9123456789abcdef0123", 20, out);
        break;
    case SHORT:
        basic(user, KEY, 19, out);
        break;
    case HEX:
        basic(user, "3031323334353637383961626364656630313233", 40, out);
        break;
    case RAW:
        basic(user, raw_key, sizeof(raw_key), out);
        break;
    case BEARER:
        strcpy(out, "Bearer abcdef");
        break;
    case BROKEN:
        strcpy(out, "Basic %%%%");
        break;
    default:
        basic(user, KEY, 20, out);
    }
}

static struct handshake_request request_to(const char *path)
{
    return (struct handshake_request){ .path = path,
                                       .upgrade = "websocket",
                                       .connection = "keep-alive, Upgrade",
                                       .websocket_key = "dGhlIHNhbXBsZSBub25jZQ==",
                                       .websocket_version = "13",
                                       .host = "x",
                                       .subprotocols = "ocpp1.6" };
}

static const struct handshake_lookup lookup = { .identity = find, .like = find_like };

static void decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char header[400];
        struct handshake_verdict v;
        struct handshake_request r = request_to(cases[i].path);
        authorization(cases[i].auth, cases[i].user, header);
        r.authorization = cases[i].auth != NONE ? header : NULL;
        r.subprotocols = cases[i].protocols;
        r.tls = cases[i].tls;
        r.certificate_cn = cases[i].cn;
        bool accepted = handshake_decide(&r, &lookup, &v);
        check_text(cases[i].why, handshake_word(v.reason), handshake_word(cases[i].want));
        check_int(cases[i].why, accepted, cases[i].want == HANDSHAKE_ACCEPTED);
        if (cases[i].want_id != NULL)
            check_text(cases[i].why, v.id, cases[i].want_id);
        if (cases[i].want_detail != NULL && strstr(v.detail, cases[i].want_detail) == NULL)
            fail_msg("%s: \"%s\" does not name %s", cases[i].why, v.detail, cases[i].want_detail);
        if (!accepted && v.detail[0] == '\0')
            fail_msg("%s: no sentence for the operator", cases[i].why);
    }
}

/* --- a change of key or profile that was sent and not seen at work yet --- */

#define NEW_KEY "zzzz456789abcdef0123"
static uint8_t new_hash[32];

static const struct {
    const char *why;
    int32_t profile, pending; /* of the station */
    bool has_key, has_new_key;
    const char *key; /* sent; NULL = none */
    bool tls;
    const char *cn;
    enum handshake_reason want;
    int32_t want_profile;
    bool want_new_key;
} changes[] = {
    { "the old key while the new one is unconfirmed", 1, 0, true, true, KEY, false, NULL,
      HANDSHAKE_ACCEPTED, 1, false },
    { "the new key", 1, 0, true, true, NEW_KEY, false, NULL, HANDSHAKE_ACCEPTED, 1, true },
    { "neither", 1, 0, true, true, "a", false, NULL, HANDSHAKE_BAD_KEY, 0, false },
    { "a new key and no old one", 1, 0, false, true, NEW_KEY, false, NULL, HANDSHAKE_ACCEPTED, 1,
      true },
    { "an old key that is none", 1, 0, false, true, "", false, NULL, HANDSHAKE_BAD_KEY, 0, false },
    { "the new key when none is pending", 1, 0, true, false, NEW_KEY, false, NULL,
      HANDSHAKE_BAD_KEY, 0, false },
    { "1 to 2: still the old way", 1, 2, true, false, KEY, false, NULL, HANDSHAKE_ACCEPTED, 1,
      false },
    { "1 to 2: the new way", 1, 2, true, false, KEY, true, NULL, HANDSHAKE_ACCEPTED, 2, false },
    { "1 to 2: TLS with a wrong key", 1, 2, true, false, "a", true, NULL, HANDSHAKE_BAD_KEY, 0,
      false },
    { "1 to 2 with a new key", 1, 2, true, true, NEW_KEY, true, NULL, HANDSHAKE_ACCEPTED, 2, true },
    { "2 to 3: still the old way", 2, 3, true, false, KEY, true, NULL, HANDSHAKE_ACCEPTED, 2,
      false },
    { "2 to 3: the new way", 2, 3, true, false, NULL, true, "CP-X", HANDSHAKE_ACCEPTED, 3, false },
    { "2 to 3: both at once", 2, 3, true, false, KEY, true, "CP-X", HANDSHAKE_ACCEPTED, 3, false },
    { "2 to 3: another's certificate, and the key", 2, 3, true, false, KEY, true, "CP-1",
      HANDSHAKE_ACCEPTED, 2, false },
    { "2 to 3: nothing", 2, 3, true, false, NULL, true, NULL, HANDSHAKE_NO_CREDENTIALS, 0, false },
    { "2 to 3: below the old one", 2, 3, true, false, KEY, false, NULL, HANDSHAKE_NEEDS_TLS, 0,
      false },
    { "3 after the raise: the key is no more enough", 3, 0, true, false, KEY, true, NULL,
      HANDSHAKE_NO_CERTIFICATE, 0, false },
    { "0 to 1: still without", 0, 1, true, false, NULL, false, NULL, HANDSHAKE_ACCEPTED, 0, false },
    { "0 to 1: with the key", 0, 1, true, false, KEY, false, NULL, HANDSHAKE_ACCEPTED, 1, false },
    { "a pending profile that is not higher", 2, 1, true, false, KEY, false, NULL,
      HANDSHAKE_NEEDS_TLS, 0, false },
};

static struct central_identity changing;

static const struct central_identity *find_changing(void *arg, const char *id)
{
    (void)arg;
    return strcmp(id, changing.id) == 0 ? &changing : NULL;
}

static void accepts_both_ways_while_a_change_is_pending(void **state)
{
    (void)state;
    const struct handshake_lookup both = { .identity = find_changing };
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        char header[400];
        struct handshake_verdict v;
        struct handshake_request r = request_to("/ocpp/CP-X");
        changing = (struct central_identity){ .id = "CP-X",
                                              .security_profile = changes[i].profile,
                                              .pending_profile = changes[i].pending,
                                              .has_key = changes[i].has_key,
                                              .key_salt = salt,
                                              .key_hash = key_hash,
                                              .has_pending_key = changes[i].has_new_key,
                                              .pending_salt = salt,
                                              .pending_hash = new_hash };
        if (changes[i].key != NULL) {
            basic("CP-X", changes[i].key, strlen(changes[i].key), header);
            r.authorization = header;
        }
        r.tls = changes[i].tls;
        r.certificate_cn = changes[i].cn;
        bool accepted = handshake_decide(&r, &both, &v);
        check_text(changes[i].why, handshake_word(v.reason), handshake_word(changes[i].want));
        if (!accepted)
            continue;
        check_int(changes[i].why, v.profile, changes[i].want_profile);
        check_int(changes[i].why, v.by_pending_key, changes[i].want_new_key);
        check_text(changes[i].why, v.detail, "");
    }
}

static void looks_at_whose_certificate_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *why, *mapped, *cn, *operator_name, *o;
        enum handshake_reason want;
        const char *detail;
    } certificates[] = {
        { "CN is the identity", NULL, "CP-X", NULL, NULL, HANDSHAKE_ACCEPTED, NULL },
        { "CN is the serial number", "SN-7", "SN-7", NULL, NULL, HANDSHAKE_ACCEPTED, NULL },
        { "CN is the identity, but a serial number is set", "SN-7", "CP-X", NULL, NULL,
          HANDSHAKE_WRONG_CERTIFICATE, "SN-7" },
        { "another's", NULL, "SN-7", NULL, NULL, HANDSHAKE_WRONG_CERTIFICATE, "certificate_cn" },
        { "our organisation", NULL, "CP-X", "City", "City", HANDSHAKE_ACCEPTED, NULL },
        { "any organisation", NULL, "CP-X", NULL, "Maker", HANDSHAKE_ACCEPTED, NULL },
        { "the factory's", NULL, "CP-X", "City", "Maker", HANDSHAKE_WRONG_ORGANISATION,
          "\"Maker\"" },
        { "none", NULL, "CP-X", "City", NULL, HANDSHAKE_WRONG_ORGANISATION, "factory" },
        { "in other letters", NULL, "CP-X", "City", "CITY", HANDSHAKE_WRONG_ORGANISATION, "City" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(certificates); i++) {
        struct handshake_verdict v;
        struct handshake_request r = request_to("/ocpp/CP-X");
        const struct handshake_lookup ours = { .identity = find_changing,
                                               .organisation = certificates[i].operator_name };
        changing = (struct central_identity){ .id = "CP-X",
                                              .security_profile = 3,
                                              .certificate_cn = certificates[i].mapped };
        r.tls = true;
        r.certificate_cn = certificates[i].cn;
        r.certificate_organisation = certificates[i].o;
        handshake_decide(&r, &ours, &v);
        check_text(certificates[i].why, handshake_word(v.reason),
                   handshake_word(certificates[i].want));
        if (certificates[i].detail != NULL && strstr(v.detail, certificates[i].detail) == NULL)
            fail_msg("%s: %s", certificates[i].why, v.detail);
    }
}

static void refuses_what_is_no_websocket(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        size_t member;
        const char *value;
        enum handshake_reason want;
    } bad[] = {
        { "no upgrade", offsetof(struct handshake_request, upgrade), NULL,
          HANDSHAKE_NOT_WEBSOCKET },
        { "HTTP/2", offsetof(struct handshake_request, upgrade), "h2c", HANDSHAKE_NOT_WEBSOCKET },
        { "not GET", offsetof(struct handshake_request, path), NULL, HANDSHAKE_NOT_WEBSOCKET },
        { "Connection without Upgrade", offsetof(struct handshake_request, connection),
          "keep-alive", HANDSHAKE_BAD_UPGRADE },
        { "no Connection", offsetof(struct handshake_request, connection), NULL,
          HANDSHAKE_BAD_UPGRADE },
        { "no key", offsetof(struct handshake_request, websocket_key), NULL,
          HANDSHAKE_BAD_UPGRADE },
        { "a short key", offsetof(struct handshake_request, websocket_key), "abc",
          HANDSHAKE_BAD_UPGRADE },
        { "an old version", offsetof(struct handshake_request, websocket_version), "8",
          HANDSHAKE_BAD_UPGRADE },
        { "no host", offsetof(struct handshake_request, host), NULL, HANDSHAKE_BAD_UPGRADE },
        { "no version is read as 13", offsetof(struct handshake_request, websocket_version), NULL,
          HANDSHAKE_ACCEPTED },
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct handshake_verdict v;
        struct handshake_request r = request_to("/ocpp/CP-0");
        memcpy((char *)&r + bad[i].member, &bad[i].value, sizeof(bad[i].value));
        handshake_decide(&r, &lookup, &v);
        check_text(bad[i].why, handshake_word(v.reason), handshake_word(bad[i].want));
    }
}

static void takes_in_unknown_stations_when_told_so(void **state)
{
    (void)state;
    struct handshake_lookup open = lookup;
    struct handshake_verdict v;
    struct handshake_request r = request_to("/ocpp/NEW-1");
    open.accept_unknown = true;
    check_int("accepted", handshake_decide(&r, &open, &v), true);
    check_int("to be made", v.provision, true);
    check_text("its name", v.id, "NEW-1");
    r.subprotocols = "ocpp2.0.1";
    check_int("not with another protocol", handshake_decide(&r, &open, &v), false);
    check_int("nothing is made then", v.provision, false);
    r = request_to("/ocpp/A/B");
    check_int("not with a bad identity", handshake_decide(&r, &open, &v), false);
    r = request_to("/ocpp/CP-1");
    check_int("who is known needs the key as before", handshake_decide(&r, &open, &v), false);
}

static void answers_say_little_about_keys(void **state)
{
    (void)state;
    static const enum handshake_reason silent[] = { HANDSHAKE_WRONG_USER, HANDSHAKE_BAD_KEY,
                                                    HANDSHAKE_NO_KEY_SET };
    struct handshake_verdict v = { .detail = "the key of 5 bytes is not the station's" };
    char first[600], buf[600];
    for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
        v.reason = silent[i];
        handshake_answer(&v, i == 0 ? first : buf, sizeof(buf));
        check_int("status", handshake_status(v.reason), 401);
        if (i > 0)
            check_text("the same answer", buf, first);
    }
    v.reason = HANDSHAKE_WRONG_PATH;
    handshake_answer(&v, buf, sizeof(buf));
    check_int("what is no secret is told", strstr(buf, v.detail) != NULL, true);
    check_int("wrong path", handshake_status(HANDSHAKE_WRONG_PATH), 404);
    check_int("unknown", handshake_status(HANDSHAKE_UNKNOWN_STATION), 404);
    check_int("subprotocol", handshake_status(HANDSHAKE_WRONG_SUBPROTOCOL), 400);
}

int main(void)
{
    hash_key(KEY, 20, key_hash);
    hash_key(raw_key, sizeof(raw_key), raw_hash);
    hash_key(NEW_KEY, 20, new_hash);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides),
        cmocka_unit_test(refuses_what_is_no_websocket),
        cmocka_unit_test(takes_in_unknown_stations_when_told_so),
        cmocka_unit_test(answers_say_little_about_keys),
        cmocka_unit_test(accepts_both_ways_while_a_change_is_pending),
        cmocka_unit_test(looks_at_whose_certificate_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
