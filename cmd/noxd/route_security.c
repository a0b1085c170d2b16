/* Changing a station's key and security profile through the station itself (A01, A05). */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"

enum { KEY_BYTES = 20, KEY_MIN_BYTES = 16, HEX_SIZE = 2 * KEY_BYTES + 1 };

static bool reply_says(const struct central_reply *reply, const char *status)
{
    const char *got = json_string_value(json_object_get(reply->payload, "status"));
    return reply->outcome == CENTRAL_ANSWERED && got != NULL && ocpp_ci_equal(got, status);
}

static bool finds_station(struct request *r, struct central_station_view *ret_view)
{
    size_t i;
    if (central_station_find(r->admin->options.central, r->param[0], &i) &&
        central_station_view(r->admin->options.central, i, ret_view))
        return true;
    request_fail(r, 404, "not-found", NULL,
                 "there is no station %s; 'noxctl station list' shows all", r->param[0]);
    return false;
}

static void change_configuration(struct request *r, const char *key, const char *value,
                                 void (*done)(void *arg, const struct central_reply *reply),
                                 void *arg)
{
    struct admin *a = r->admin;
    char payload[120];
    snprintf(payload, sizeof(payload), "{\"key\":\"%s\",\"value\":\"%s\"}", key, value);
    struct central_ask ask = { .station = r->param[0],
                               .action = "ChangeConfiguration",
                               .payload_json = payload,
                               .who = request_who(r),
                               .why = request_why(r) };
    central_ask(a->options.central, &ask, done, arg, admin_now(a));
    OPENSSL_cleanse(payload, sizeof(payload));
    loop_run_due(a->options.loop);
}

/* --- the key --- */

struct push {
    struct request *request;
    char hex[HEX_SIZE];
};

static void on_pushed(void *arg, const struct central_reply *reply)
{
    struct push *push = arg;
    struct request *r = push->request;
    bool taken = reply_says(reply, "Accepted"), later = reply_says(reply, "RebootRequired");
    if (reply->outcome == CENTRAL_ANSWERED) {
        jout_open(&r->out, NULL, '{');
        jout_text(&r->out, "station", r->param[0]);
        jout_text(&r->out, "status", json_string_value(json_object_get(reply->payload, "status")));
        jout_text_or_null(&r->out, "key", taken || later ? push->hex : NULL);
        jout_close(&r->out, '}');
        request_answer(r, 200);
        request_unref(r);
    } else {
        route_call_reply(r, reply);
    }
    OPENSSL_cleanse(push, sizeof(*push));
    free(push);
}

/* 16 to 20 bytes as hexadecimal digits (A00.FR.205). */
static bool is_key(const char *hex)
{
    size_t len = strlen(hex);
    return len % 2 == 0 && len >= 2 * KEY_MIN_BYTES && len <= 2 * KEY_BYTES &&
           strspn(hex, "0123456789abcdefABCDEF") == len;
}

static bool key_of(struct request *r, char ret_hex[HEX_SIZE])
{
    json_t *given = json_object_get(r->json, "key");
    const char *hex = json_string_value(given);
    uint8_t key[KEY_BYTES];
    if (given != NULL && (hex == NULL || !is_key(hex))) {
        request_fail(
            r, 422, "invalid-data", "key",
            "key: must be 32 to 40 hexadecimal digits (16 to 20 bytes); without it a random "
            "one is made");
        return false;
    }
    if (hex != NULL) {
        snprintf(ret_hex, HEX_SIZE, "%s", hex);
        return true;
    }
    if (RAND_bytes(key, sizeof(key)) != 1) {
        request_fail(r, 500, "no-random", NULL, "the system gave no random numbers; try again");
        return false;
    }
    for (size_t i = 0; i < sizeof(key); i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", key[i]);
    OPENSSL_cleanse(key, sizeof(key));
    return true;
}

void route_station_key_push(struct request *r)
{
    struct central_station_view station;
    struct push *push = calloc(1, sizeof(*push));
    if (push == NULL || !finds_station(r, &station) || !key_of(r, push->hex)) {
        if (push == NULL)
            request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        free(push);
        return;
    }
    request_ref(r);
    push->request = r;
    change_configuration(r, "AuthorizationKey", push->hex, on_pushed, push);
}

void route_station_key_rollback(struct request *r)
{
    struct central_station_view station;
    if (!finds_station(r, &station))
        return;
    if (!station.has_old_key) {
        request_fail(r, 409, "precondition", NULL,
                     "there is no key before this one; make a new one with 'noxctl station key %s'",
                     r->param[0]);
        return;
    }
    if (!admin_can_write(r))
        return;
    jout_open(&r->out, NULL, '{');
    jout_text(&r->out, "station", r->param[0]);
    jout_text(&r->out, "status", "rolled back");
    jout_close(&r->out, '}');
    struct store_done done = admin_written(r, "station", true);
    if (!store_security_key(r->admin->options.store, r->param[0], STORE_KEY_BACK, NULL, NULL, done))
        admin_not_taken(r);
}

/* --- the security profile --- */

static void answer_raise(struct request *r, const char *status, const char *reset)
{
    struct central_station_view s;
    size_t i;
    jout_open(&r->out, NULL, '{');
    jout_text(&r->out, "station", r->param[0]);
    jout_text(&r->out, "status", status);
    jout_text_or_null(&r->out, "reset", reset);
    if (central_station_find(r->admin->options.central, r->param[0], &i) &&
        central_station_view(r->admin->options.central, i, &s)) {
        jout_int(&r->out, "security_profile", s.security_profile);
        jout_int(&r->out, "pending_profile",
                 s.pending_profile != 0 ? s.pending_profile : STORE_ABSENT);
    }
    jout_close(&r->out, '}');
    request_answer(r, 200);
    request_unref(r);
}

/* What became of the reset is told, but the profile was accepted whatever it is. */
static void on_reset(void *arg, const struct central_reply *reply)
{
    const char *status = json_string_value(json_object_get(reply->payload, "status"));
    answer_raise(arg, "Accepted",
                 reply->outcome == CENTRAL_ANSWERED && status != NULL ? status : reply->text);
}

static void on_raised(void *arg, const struct central_reply *reply)
{
    struct request *r = arg;
    struct admin *a = r->admin;
    json_t *wanted = json_object_get(r->json, "reset");
    bool taken = reply_says(reply, "Accepted") || reply_says(reply, "RebootRequired");
    if (reply->outcome != CENTRAL_ANSWERED) {
        route_call_reply(r, reply);
        return;
    }
    if (!taken || json_is_false(wanted)) {
        answer_raise(r, json_string_value(json_object_get(reply->payload, "status")), NULL);
        return;
    }
    struct central_ask ask = { .station = r->param[0],
                               .action = "Reset",
                               .payload_json = "{\"type\":\"Hard\"}",
                               .who = request_who(r),
                               .why = request_why(r) };
    central_ask(a->options.central, &ask, on_reset, r, admin_now(a));
}

static bool has_wss(const struct admin *a)
{
    for (size_t i = 0; i < a->options.n_urls; i++)
        if (strncmp(a->options.url[i], "wss://", 6) == 0)
            return true;
    return false;
}

/* Could the station come back by it?  Not all fall back to the old profile as they should. */
static const char *obstacle(const struct admin *a, const struct central_station_view *s,
                            json_int_t profile)
{
    if (profile < s->security_profile)
        return "a security profile is never lowered over OCPP (white paper A00.FR.005): set "
               "\"security_profile\" by 'noxctl apply' and change the station on site";
    if (profile >= 2 && !has_wss(a))
        return "noxd has no wss listener, so the station could not come back: start it with "
               "--tls-listen, or send it all the same with --force";
    if ((profile == 1 || profile == 2) && !s->has_key && !s->has_pending_key)
        return "the station has no key yet: give it one with 'noxctl station key STATION --push', or "
               "send it all the same with --force";
    return NULL;
}

void route_station_profile(struct request *r)
{
    struct central_station_view station;
    json_t *profile = json_object_get(r->json, "profile");
    json_int_t wanted = json_integer_value(profile);
    char value[8];
    if (!json_is_integer(profile) || wanted < 0 || wanted > 3) {
        request_fail(r, 422, "invalid-data", "profile", "profile: must be 0, 1, 2 or 3");
        return;
    }
    if (!finds_station(r, &station))
        return;
    const char *why = obstacle(r->admin, &station, wanted);
    if (why != NULL &&
        (!json_is_true(json_object_get(r->json, "force")) || wanted < station.security_profile)) {
        request_fail(r, 409, "precondition", NULL, "%s", why);
        return;
    }
    snprintf(value, sizeof(value), "%d", (int)wanted);
    request_ref(r);
    change_configuration(r, "SecurityProfile", value, on_raised, r);
}
