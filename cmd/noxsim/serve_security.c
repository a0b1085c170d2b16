/*
 * The security extension (white paper): profiles, the password, certificates, security events.
 *
 * Nothing is allocated for a station before it takes part in it.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/noxsim/serve.h"
#include "ocpp/wire/iso8601.h"

enum {
    TRIALS = 3,        /* attempts with new credentials before the old ones count again (A05) */
    RELOGIN_MS = 2000, /* the answer goes first */
    RELOGIN_REAL_MS = 300,
    RENEW_REAL_MS = 1000,
    KEY_DIGITS_MIN = 32, /* A01: 16 to 20 bytes */
    KEY_DIGITS_MAX = 40,
    LOG_ROWS = 64,
    CLOCK_STEP_MS = 10000,
};

#define DAY_MS   INT64_C(86400000)
#define RENEW_MS (30 * DAY_MS) /* A03: a month before the certificate ends */

/* New credentials that have not proved themselves. */
struct trial {
    int32_t profile;
    char password[KEY_DIGITS_MAX + 1]; /* hex, "" = the old one */
    int32_t failures;
};

struct security_log {
    size_t n; /* ever written */
    struct {
        int64_t at_ms;
        const char *type;
        char text[100];
    } row[LOG_ROWS];
};

/* --- events, A04 --- */

static void log_event(struct point *p, const char *type, const char *text)
{
    if (p->security_log == NULL)
        p->security_log = calloc(1, sizeof(*p->security_log));
    if (p->security_log == NULL)
        return;
    size_t i = p->security_log->n++ % LOG_ROWS;
    p->security_log->row[i].at_ms = point_utc_ms(p);
    p->security_log->row[i].type = type;
    snprintf(p->security_log->row[i].text, sizeof(p->security_log->row[i].text), "%s",
             text != NULL ? text : "");
}

void security_event(struct point *p, const char *type, const char *text)
{
    struct note note = { .action = OCPP_SECURITY_EVENT_NOTIFICATION,
                         .type = type,
                         .at_ms = point_utc_ms(p),
                         .is_kept = true };
    log_event(p, type, text);
    if (text != NULL)
        note.text = strndup(text, 255);
    calls_note(p, &note);
    p->env->counters.security_events++;
}

void security_event_if_told(struct point *p, const char *type, const char *text)
{
    if (p->env->tells_security)
        security_event(p, type, text);
}

void security_write_log(struct point *p, FILE *out, int64_t from_ms, int64_t to_ms)
{
    const struct security_log *log = p->security_log;
    char at[OCPP_TIME_TEXT_SIZE];
    size_t n = log != NULL ? log->n : 0;
    ocpp_time_format(point_utc_ms(p), at);
    fprintf(out, "# security events of %s until %s\n", p->site->id, at);
    for (size_t i = n > LOG_ROWS ? n - LOG_ROWS : 0; i < n; i++) {
        int64_t at_ms = log->row[i % LOG_ROWS].at_ms;
        if ((from_ms != OCPP_TIME_ABSENT && at_ms < from_ms) ||
            (to_ms != OCPP_TIME_ABSENT && at_ms > to_ms))
            continue;
        ocpp_time_format(at_ms, at);
        fprintf(out, "%s %s %s\n", at, log->row[i % LOG_ROWS].type, log->row[i % LOG_ROWS].text);
    }
}

/* --- the vault --- */

static bool folder_of(const struct point *p, char *ret, size_t size)
{
    size_t len = (size_t)snprintf(ret, size, "%s/", p->env->key_store);
    for (const char *at = p->site->id; *at != '\0' && len + 4 < size; at++) {
        bool is_plain = *at > ' ' && *at < 127 && strchr("/%.", *at) == NULL;
        len += (size_t)snprintf(ret + len, size - len, is_plain ? "%c" : "%%%02X",
                                (unsigned)(unsigned char)*at);
    }
    return len + 4 < size;
}

struct vault *security_vault(struct point *p)
{
    char folder[3000], text[200] = "out of memory";
    struct vault_options options = { .ca_file = p->env->ca_file,
                                     .manufacturer_file = p->env->manufacturer_file,
                                     .manufacturer_crl_file = p->env->manufacturer_crl_file,
                                     .uses_rsa = p->env->uses_rsa };
    if (p->vault != NULL)
        return p->vault;
    if (p->env->key_store != NULL && folder_of(p, folder, sizeof(folder)))
        options.folder = folder;
    p->vault = vault_open(&options, text, sizeof(text));
    if (p->vault == NULL)
        snprintf(p->env->warning, sizeof(p->env->warning), "%.40s: %.200s", p->site->id, text);
    return p->vault;
}

const char *security_serial(const struct point *p, char ret[26])
{
    snprintf(ret, 26, "%s%s", p->env->serial_prefix, p->site->id);
    return ret;
}

/* --- how to connect --- */

static const struct ws_url *url_for(const struct env *env, int32_t profile)
{
    for (size_t i = 0; i < env->n_urls; i++)
        if (env->url[i].tls == (profile >= 2))
            return &env->url[i];
    return NULL;
}

static bool has_password(const struct point *p)
{
    return p->site->key != NULL || (p->vault != NULL && vault_text(p->vault, "password") != NULL);
}

static void show_profile(struct point *p)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", (int)p->profile);
    keys_set(&p->keys, KEY_SECURITY_PROFILE, text);
}

/* What the key store says goes first, then --security-profile, then what the rest allows. */
void security_init(struct point *p)
{
    char folder[3000];
    if (p->env->key_store != NULL && folder_of(p, folder, sizeof(folder)) &&
        access(folder, F_OK) == 0)
        security_vault(p);
    const char *kept = p->vault != NULL ? vault_text(p->vault, "profile") : NULL;
    const char *cpo = p->vault != NULL ? vault_text(p->vault, "cpo-name") : NULL;
    if (kept != NULL)
        p->profile = (int32_t)strtol(kept, NULL, 10);
    else if (p->env->security_profile >= 0)
        p->profile = (int32_t)p->env->security_profile;
    else if (p->env->n_urls > 0 && p->env->url[0].tls)
        p->profile = p->vault != NULL && vault_ends_ms(p->vault) != INT64_MAX ? 3 : 2;
    else
        p->profile = has_password(p);
    if (cpo != NULL || p->env->cpo_name != NULL)
        keys_set(&p->keys, KEY_CPO_NAME, cpo != NULL ? cpo : p->env->cpo_name);
    if (p->env->checks_roots)
        keys_set(&p->keys, KEY_ADDITIONAL_ROOT_CHECK, "true");
    if (p->profile > 0)
        show_profile(p);
    p->renew_ms = TIME_NEVER;
    p->relogin_ms = TIME_NEVER;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c - 'A' + 10;
}

static size_t decode_hex(const char *hex, char *ret, size_t size)
{
    size_t n = 0;
    for (; hex[0] != '\0' && hex[1] != '\0' && n < size; hex += 2)
        ret[n++] = (char)(hex_digit(hex[0]) * 16 + hex_digit(hex[1]));
    return n;
}

void security_login(struct point *p, struct ws_login *ret, char secret[SECURITY_SECRET_MAX])
{
    int32_t profile = p->trial != NULL ? p->trial->profile : p->profile;
    const struct ws_url *url = url_for(p->env, profile);
    const char *hex = p->vault != NULL ? vault_text(p->vault, "password") : NULL;
    if (p->trial != NULL && p->trial->password[0] != '\0')
        hex = p->trial->password;
    *ret = (struct ws_login){ .url = url != NULL ? url : &p->env->url[0],
                              .id = p->site->id,
                              .vault = p->vault,
                              .shows_certificate = profile == 3,
                              .offers_nothing = env_has_quirk(p->env, QUIRK_NO_SUBPROTOCOL),
                              .adds_slash = env_has_quirk(p->env, QUIRK_TRAILING_SLASH) };
    if (profile != 1 && profile != 2)
        return;
    if (hex != NULL && env_has_quirk(p->env, QUIRK_HEX_KEY)) {
        ret->key = hex;
        ret->key_len = strlen(hex);
    } else if (hex != NULL) {
        ret->key = secret;
        ret->key_len = decode_hex(hex, secret, SECURITY_SECRET_MAX);
    } else if (p->site->key != NULL) {
        ret->key = p->site->key;
        ret->key_len = strlen(p->site->key);
    }
}

static void plan_renewal(struct point *p)
{
    int64_t ends_ms = p->vault != NULL ? vault_ends_ms(p->vault) : INT64_MAX;
    p->renew_ms = ends_ms == INT64_MAX ? TIME_NEVER : ends_ms - RENEW_MS - point_utc_of(p, 0);
}

/* The link stands: what was on trial holds from now on. */
void security_connected(struct point *p)
{
    struct trial *t = p->trial;
    p->refused_once = false;
    plan_renewal(p);
    if (t == NULL)
        return;
    p->trial = NULL;
    if (security_vault(p) != NULL) {
        char text[16];
        snprintf(text, sizeof(text), "%d", (int)t->profile);
        vault_set_text(p->vault, "profile", text);
        if (t->password[0] != '\0')
            vault_set_text(p->vault, "password", t->password);
    }
    p->profile = t->profile;
    show_profile(p);
    free(t);
    security_event_if_told(p, "ReconfigurationOfSecurityParameters", NULL);
}

/* Told once until a connection succeeds: a station tries again and again. */
static void tell_refusal(struct point *p, const char *why)
{
    const char *type = NULL;
    if (strstr(why, "unauthorized") != NULL || strstr(why, "401") != NULL)
        type = "FailedToAuthenticateAtCentralSystem";
    else if (strstr(why, "certificate") != NULL || strstr(why, "CA") != NULL ||
             strstr(why, "hostname") != NULL)
        type = "InvalidCentralSystemCertificate";
    if (type == NULL || p->refused_once)
        return;
    p->refused_once = true;
    security_event_if_told(p, type, why);
}

void security_refused(struct point *p, const char *why)
{
    tell_refusal(p, why);
    if (p->trial == NULL || ++p->trial->failures < TRIALS)
        return;
    free(p->trial); /* A05.FR.08: back to what worked */
    p->trial = NULL;
    p->failures = 0;
}

static void try_login(struct point *p, int32_t profile, const char *password)
{
    if (p->trial == NULL)
        p->trial = calloc(1, sizeof(*p->trial));
    if (p->trial == NULL)
        abort();
    p->trial->profile = profile;
    p->trial->failures = 0;
    if (password != NULL)
        snprintf(p->trial->password, sizeof(p->trial->password), "%s", password);
    p->relogin_ms = p->env->now_ms + env_at_least_ms(p->env, RELOGIN_MS, RELOGIN_REAL_MS);
}

/* --- configuration --- */

static int32_t change_password(struct point *p, const char *text)
{
    size_t len = strlen(text), digits = strspn(text, "0123456789abcdefABCDEF");
    if (digits != len || len < KEY_DIGITS_MIN || len > KEY_DIGITS_MAX || len % 2 != 0 ||
        security_vault(p) == NULL)
        return OCPP_CONFIGURATION_STATUS_REJECTED;
    if (p->profile == 1 || p->profile == 2) {
        try_login(p, p->trial != NULL ? p->trial->profile : p->profile, text);
    } else {
        vault_set_text(p->vault, "password", text);
        security_event_if_told(p, "ReconfigurationOfSecurityParameters", NULL);
    }
    return OCPP_CONFIGURATION_STATUS_ACCEPTED;
}

/* A05.FR.02 and .03: upwards only, and only with what the profile needs. */
static int32_t change_profile(struct point *p, const char *text)
{
    char *end;
    long profile = strtol(text, &end, 10);
    bool good = text[0] != '\0' && *end == '\0' && profile > p->profile && profile <= 3 &&
                url_for(p->env, (int32_t)profile) != NULL;
    if (good && profile < 3)
        good = has_password(p);
    if (good && profile >= 2)
        good = security_vault(p) != NULL &&
               vault_has_root(p->vault, OCPP_CERTIFICATE_USE_CENTRAL_SYSTEM_ROOT_CERTIFICATE);
    if (good && profile == 3)
        good = vault_has_certificate(p->vault, point_utc_ms(p));
    if (!good)
        return OCPP_CONFIGURATION_STATUS_REJECTED;
    try_login(p, (int32_t)profile, NULL);
    return OCPP_CONFIGURATION_STATUS_ACCEPTED;
}

static int32_t change_cpo_name(struct point *p, const char *text)
{
    if (text[0] == '\0' || strlen(text) > 64 || security_vault(p) == NULL)
        return OCPP_CONFIGURATION_STATUS_REJECTED;
    keys_set(&p->keys, KEY_CPO_NAME, text);
    vault_set_text(p->vault, "cpo-name", text);
    return OCPP_CONFIGURATION_STATUS_ACCEPTED;
}

bool security_change(struct point *p, const char *name, const char *text, int32_t *ret_status)
{
    static const struct {
        enum key key;
        int32_t (*change)(struct point *p, const char *text);
    } changes[] = {
        { KEY_AUTHORIZATION_KEY, change_password },
        { KEY_SECURITY_PROFILE, change_profile },
        { KEY_CPO_NAME, change_cpo_name },
    };
    enum key key = key_find(name);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        if (changes[i].key == key) {
            *ret_status = changes[i].change(p, text);
            return true;
        }
    return false;
}

/* --- certificates --- */

static bool ask_for_certificate(struct point *p, bool was_triggered)
{
    char serial[26];
    const char *cpo = keys_text(&p->keys, KEY_CPO_NAME);
    char *csr = cpo[0] != '\0' && security_vault(p) != NULL
                    ? vault_request(p->vault, security_serial(p, serial), cpo)
                    : NULL;
    if (csr == NULL)
        return false;
    struct note note = { .action = OCPP_SIGN_CERTIFICATE,
                         .text = csr,
                         .was_triggered = was_triggered };
    calls_note(p, &note);
    return true;
}

void on_extended_trigger(const struct request *r, const void *msg)
{
    const struct ocpp_extended_trigger_message_req *req = msg;
    struct point *p = r->point;
    static const int32_t plain[] = {
        [OCPP_EXTENDED_MESSAGE_TRIGGER_BOOT_NOTIFICATION] = OCPP_MESSAGE_TRIGGER_BOOT_NOTIFICATION,
        [OCPP_EXTENDED_MESSAGE_TRIGGER_HEARTBEAT] = OCPP_MESSAGE_TRIGGER_HEARTBEAT,
        [OCPP_EXTENDED_MESSAGE_TRIGGER_METER_VALUES] = OCPP_MESSAGE_TRIGGER_METER_VALUES,
        [OCPP_EXTENDED_MESSAGE_TRIGGER_STATUS_NOTIFICATION] =
            OCPP_MESSAGE_TRIGGER_STATUS_NOTIFICATION,
    };
    int32_t what = req->requested_message;
    if (what <= 0) {
        serve_status(r, OCPP_EXTENDED_TRIGGER_MESSAGE_STATUS_NOT_IMPLEMENTED);
        return;
    }
    bool asks = what == OCPP_EXTENDED_MESSAGE_TRIGGER_SIGN_CHARGE_POINT_CERTIFICATE;
    bool good =
        asks ? keys_text(&p->keys, KEY_CPO_NAME)[0] != '\0' && security_vault(p) != NULL
             : req->connector_id == OCPP_INT_ABSENT || point_outlet(p, req->connector_id) != NULL;
    serve_status(r, good ? OCPP_EXTENDED_TRIGGER_MESSAGE_STATUS_ACCEPTED
                         : OCPP_EXTENDED_TRIGGER_MESSAGE_STATUS_REJECTED);
    if (!good)
        return;
    if (asks)
        ask_for_certificate(p, true);
    else if (what == OCPP_EXTENDED_MESSAGE_TRIGGER_LOG_STATUS_NOTIFICATION)
        files_trigger_log(p);
    else if (what == OCPP_EXTENDED_MESSAGE_TRIGGER_FIRMWARE_STATUS_NOTIFICATION)
        files_trigger_signed(p);
    else
        serve_trigger(p, plain[what], req->connector_id);
}

void on_certificate_signed(const struct request *r, const void *msg)
{
    const struct ocpp_certificate_signed_req *req = msg;
    struct point *p = r->point;
    char serial[26];
    const char *why = "there is no key store";
    const char *chain = req->certificate_chain != NULL ? req->certificate_chain : "";
    bool good = security_vault(p) != NULL &&
                vault_take(p->vault, chain, security_serial(p, serial), point_utc_ms(p), &why);
    serve_status(r, good ? OCPP_CERTIFICATE_SIGNED_STATUS_ACCEPTED
                         : OCPP_CERTIFICATE_SIGNED_STATUS_REJECTED);
    if (!good) {
        security_event(p, "InvalidChargePointCertificate", why);
        return;
    }
    plan_renewal(p);
    if (p->profile == 3) /* used at the next connection, which is not put off */
        p->relogin_ms = p->env->now_ms + env_at_least_ms(p->env, RELOGIN_MS, RELOGIN_REAL_MS);
}

void on_install_certificate(const struct request *r, const void *msg)
{
    const struct ocpp_install_certificate_req *req = msg;
    struct point *p = r->point;
    const char *why = NULL;
    int32_t status = OCPP_CERTIFICATE_STATUS_REJECTED;
    if (req->certificate_type > 0 && req->certificate != NULL && security_vault(p) != NULL)
        status = vault_install(p->vault, req->certificate_type, req->certificate,
                               keys_bool(&p->keys, KEY_ADDITIONAL_ROOT_CHECK),
                               (size_t)keys_int(&p->keys, KEY_CERTIFICATE_STORE_MAX),
                               point_utc_ms(p), &why);
    serve_status(r, status);
    if (why != NULL &&
        req->certificate_type == OCPP_CERTIFICATE_USE_CENTRAL_SYSTEM_ROOT_CERTIFICATE)
        security_event(p, "InvalidCentralSystemCertificate", why);
}

void on_delete_certificate(const struct request *r, const void *msg)
{
    const struct ocpp_delete_certificate_req *req = msg;
    struct point *p = r->point;
    serve_status(r, req->certificate_hash_data != NULL && security_vault(p) != NULL
                        ? vault_delete(p->vault, req->certificate_hash_data)
                        : OCPP_DELETE_CERTIFICATE_STATUS_NOT_FOUND);
}

void on_get_installed_certificate_ids(const struct request *r, const void *msg)
{
    const struct ocpp_get_installed_certificate_ids_req *req = msg;
    struct point *p = r->point;
    struct ocpp_get_installed_certificate_ids_conf conf = {
        .status = OCPP_GET_INSTALLED_CERTIFICATE_STATUS_NOT_FOUND
    };
    if (req->certificate_type > 0 && security_vault(p) != NULL)
        conf.certificate_hash_data =
            vault_list(p->vault, req->certificate_type, p->env->hash_algorithm, &p->arena,
                       &conf.n_certificate_hash_data);
    if (conf.certificate_hash_data != NULL)
        conf.status = OCPP_GET_INSTALLED_CERTIFICATE_STATUS_ACCEPTED;
    serve_answer(r, &conf);
}

/* --- time --- */

void security_on_due(struct point *p)
{
    if (p->env->now_ms >= p->relogin_ms) {
        p->relogin_ms = TIME_NEVER;
        point_relogin(p);
    }
    if (p->env->now_ms < p->renew_ms || !point_is_accepted(p) || p->link_state != LINK_UP)
        return;
    p->renew_ms = p->env->now_ms + env_at_least_ms(p->env, DAY_MS, RENEW_REAL_MS);
    ask_for_certificate(p, false);
}

int64_t security_next_ms(const struct point *p)
{
    bool may_renew = point_is_accepted(p) && p->link_state == LINK_UP;
    int64_t renew_ms = may_renew ? p->renew_ms : TIME_NEVER;
    return renew_ms < p->relogin_ms ? renew_ms : p->relogin_ms;
}

void security_clock_moved(struct point *p, int64_t by_ms)
{
    char text[60];
    if (by_ms > -CLOCK_STEP_MS && by_ms < CLOCK_STEP_MS)
        return;
    snprintf(text, sizeof(text), "the clock was moved by %lld ms", (long long)by_ms);
    security_event_if_told(p, "SettingSystemTime", text);
}

void security_done(struct point *p)
{
    vault_free(p->vault);
    free(p->trial);
    free(p->security_log);
}
