#include "cmd/noxctl/client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    int status;
    const char *code; /* NULL = any */
    enum ctl_exit exit;
} exits[] = {
    { 400, NULL, CTL_USAGE },     { 401, NULL, CTL_DENIED },
    { 403, NULL, CTL_DENIED },    { 404, NULL, CTL_NOT_FOUND },
    { 408, NULL, CTL_TIMED_OUT }, { 409, "station-offline", CTL_OFFLINE },
    { 409, NULL, CTL_CONFLICT },  { 412, "confirmation-needed", CTL_USAGE },
    { 412, NULL, CTL_CONFLICT },  { 502, NULL, CTL_REFUSED },
    { 504, NULL, CTL_TIMED_OUT },
};

enum ctl_exit client_exit(int status, const char *code)
{
    if (status / 100 == 2)
        return CTL_OK;
    for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
        if (exits[i].status == status && (!exits[i].code || strcmp(exits[i].code, code) == 0))
            return exits[i].exit;
    return CTL_FAILED;
}

static bool address_of(const struct ctl *ctl, struct stream_address *ret)
{
    *ret = (struct stream_address){ .ca = ctl_flag(ctl, "ca") };
    if (ctl->server)
        return stream_parse_address(ctl->server, ret);
    ret->kind = STREAM_UNIX;
    int n = snprintf(ret->path, sizeof(ret->path), "%s/admin.sock", ctl->data);
    return (size_t)n < sizeof(ret->path);
}

static void unreachable(const struct ctl *ctl, const struct stream_address *address,
                        const char *why, struct client_answer *ret)
{
    ret->exit = CTL_UNREACHABLE;
    if (address->kind != STREAM_UNIX)
        snprintf(ret->message, sizeof(ret->message),
                 "noxd does not answer at %s (%s): check the address and noxd's --admin-listen",
                 ctl->server, why);
    else if (ctl->server)
        snprintf(ret->message, sizeof(ret->message), "noxd does not answer at %s (%s)",
                 address->path, why);
    else
        snprintf(ret->message, sizeof(ret->message),
                 "noxd does not answer at %s (%s): start it with 'noxd --data %s' or name its "
                 "directory with --data",
                 address->path, why, ctl->data);
}

static void stream_trouble(const struct ctl *ctl, const struct stream_address *address,
                           enum stream_rc rc, const char *why, struct client_answer *ret)
{
    if (rc == STREAM_UNREACHABLE) {
        unreachable(ctl, address, why, ret);
    } else if (rc == STREAM_DENIED) {
        ret->exit = CTL_DENIED;
        snprintf(ret->message, sizeof(ret->message),
                 "you may not use the socket %s: be the user that noxd runs as, or root",
                 address->path);
    } else {
        ret->exit = rc == STREAM_TIMED_OUT ? CTL_TIMED_OUT : CTL_FAILED;
        snprintf(ret->message, sizeof(ret->message), "noxd: %s", why);
    }
}

/* The token of https: first line of --token-file, else $NOX_TOKEN. */
static bool read_token(const struct ctl *ctl, char *ret_token, size_t size, const char **ret)
{
    const char *path = ctl_flag(ctl, "token-file");
    *ret = getenv("NOX_TOKEN");
    if (!path)
        return true;
    size_t len;
    char *text = ctl_read_file(path, &len);
    if (!text)
        return false;
    snprintf(ret_token, size, "%.*s", (int)strcspn(text, "\r\n"), text);
    free(text);
    *ret = ret_token;
    return true;
}

static enum ctl_exit send_bytes(const struct ctl *ctl, const char *method, const char *path,
                                const char *body, size_t len, int64_t timeout_ms,
                                struct http_call *ret_call, struct client_answer *ret)
{
    *ret = (struct client_answer){ .exit = CTL_OK };
    *ret_call = (struct http_call){ 0 };
    ocpp_text_init(&ret_call->in);
    struct stream_address address;
    if (!address_of(ctl, &address)) {
        ret->exit = CTL_USAGE;
        snprintf(ret->message, sizeof(ret->message),
                 "%s is no address: unix:PATH, http://HOST:PORT or https://HOST:PORT",
                 ctl->server ? ctl->server : ctl->data);
        return ret->exit;
    }
    char token[512], why[256];
    struct http_request request = { method, path, body, len, NULL, ctl->why };
    if (!read_token(ctl, token, sizeof(token), &request.token))
        return ret->exit = CTL_FAILED;
    enum stream_rc rc = http_send(&address, &request, stream_now_mono_ms() + timeout_ms, ret_call,
                                  why, sizeof(why));
    if (rc != STREAM_OK)
        stream_trouble(ctl, &address, rc, why, ret);
    return ret->exit;
}

static enum ctl_exit send_text(const struct ctl *ctl, const char *method, const char *path,
                               const char *body, int64_t timeout_ms, struct http_call *ret_call,
                               struct client_answer *ret)
{
    return send_bytes(ctl, method, path, body, body ? strlen(body) : 0, timeout_ms, ret_call, ret);
}

enum ctl_exit client_send(const struct ctl *ctl, const char *method, const char *path,
                          const json_t *body, int64_t timeout_ms, struct http_call *ret_call,
                          struct client_answer *ret_answer)
{
    char *text = body ? json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    enum ctl_exit rc = send_text(ctl, method, path, text, timeout_ms, ret_call, ret_answer);
    free(text);
    return rc;
}

static void copy_text(char *ret, size_t size, const json_t *json)
{
    const char *text = json_string_value(json);
    snprintf(ret, size, "%s", text ? text : "");
}

/* The sentence of noxd's error body, or one of our own. */
static void explain(int status, struct client_answer *ret)
{
    const json_t *error = json_object_get(ret->json, "error");
    copy_text(ret->code, sizeof(ret->code), json_object_get(error, "code"));
    copy_text(ret->ocpp_code, sizeof(ret->ocpp_code), json_object_get(error, "ocpp_code"));
    copy_text(ret->message, sizeof(ret->message), json_object_get(error, "message"));
    const char *path = json_string_value(json_object_get(error, "path"));
    if (path && *path && !strstr(ret->message, path)) {
        char sentence[sizeof(ret->message)];
        memcpy(sentence, ret->message, sizeof(sentence));
        snprintf(ret->message, sizeof(ret->message), "%.80s: %.420s", path, sentence);
    }
    if (ret->message[0] == '\0')
        snprintf(ret->message, sizeof(ret->message), "noxd answers with HTTP status %d", status);
    ret->exit = client_exit(status, ret->code);
}

static void receive(const struct ctl *ctl, struct http_call *call, http_sink *sink, void *arg,
                    struct client_answer *ret)
{
    struct http_response response;
    struct stream_address address;
    char why[256];
    address_of(ctl, &address);
    enum stream_rc rc = http_receive(call, sink, arg, &response, why, sizeof(why));
    if (rc != STREAM_OK) {
        stream_trouble(ctl, &address, rc, why, ret);
    } else {
        ret->status = response.status;
        json_error_t error;
        if (!sink || response.status / 100 != 2)
            ret->json = json_loadb(response.body.data, response.body.len,
                                   JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
        if (response.status / 100 != 2)
            explain(response.status, ret);
        else if (!sink && !ret->json && response.body.len > 0) {
            ret->exit = CTL_FAILED;
            snprintf(ret->message, sizeof(ret->message), "noxd's answer is no JSON: %s",
                     error.text);
        }
    }
    http_response_done(&response);
    http_call_done(call);
}

void client_receive(const struct ctl *ctl, struct http_call *call, struct client_answer *ret_answer)
{
    receive(ctl, call, NULL, NULL, ret_answer);
}

void client_ask(const struct ctl *ctl, const char *method, const char *path, const json_t *body,
                struct client_answer *ret_answer)
{
    struct http_call call;
    if (client_send(ctl, method, path, body, ctl->timeout_ms, &call, ret_answer) != CTL_OK)
        http_call_done(&call);
    else
        client_receive(ctl, &call, ret_answer);
}

void client_put(const struct ctl *ctl, const char *path, const char *bytes, size_t n,
                struct client_answer *ret_answer)
{
    struct http_call call;
    if (send_bytes(ctl, "PUT", path, bytes, n, ctl->timeout_ms, &call, ret_answer) != CTL_OK)
        http_call_done(&call);
    else
        client_receive(ctl, &call, ret_answer);
}

void client_post(const struct ctl *ctl, const char *path, const char *bytes, size_t n,
                 struct client_answer *ret_answer)
{
    struct http_call call;
    if (send_bytes(ctl, "POST", path, bytes, n, ctl->timeout_ms, &call, ret_answer) != CTL_OK)
        http_call_done(&call);
    else
        client_receive(ctl, &call, ret_answer);
}

void client_answer_done(struct client_answer *answer)
{
    json_decref(answer->json);
    answer->json = NULL;
}

static char *path_of(const char *format, va_list args)
{
    struct ocpp_text path;
    ocpp_text_init(&path);
    for (const char *p = format; *p; p++) {
        if (p[0] == '%' && p[1] == 's') {
            http_append_escaped(&path, va_arg(args, const char *));
            p++;
        } else {
            ocpp_text_append(&path, p, 1);
        }
    }
    char *copy = path.failed ? NULL : strdup(path.data);
    ocpp_text_done(&path);
    return copy;
}

char *client_path(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *path = path_of(format, args);
    va_end(args);
    return path;
}

static enum ctl_exit ask_and_complain(const struct ctl *ctl, const char *method, char *path,
                                      const json_t *body, json_t **ret_json)
{
    if (!path)
        return ctl_fail(CTL_FAILED, "out of memory");
    struct client_answer answer;
    client_ask(ctl, method, path, body, &answer);
    free(path);
    enum ctl_exit rc = answer.exit;
    if (rc == CTL_OK && !answer.json && ret_json)
        rc = ctl_fail(CTL_FAILED, "noxd gave an empty answer");
    else if (rc != CTL_OK && answer.message[0])
        ctl_fail(rc, "%s", answer.message);
    if (rc == CTL_OK && ret_json) {
        *ret_json = answer.json;
        answer.json = NULL;
    }
    client_answer_done(&answer);
    return rc;
}

enum ctl_exit client_get(const struct ctl *ctl, json_t **ret_json, const char *path_format, ...)
{
    va_list args;
    va_start(args, path_format);
    char *path = path_of(path_format, args);
    va_end(args);
    return ask_and_complain(ctl, "GET", path, NULL, ret_json);
}

enum ctl_exit client_do(const struct ctl *ctl, const char *method, const json_t *body,
                        json_t **ret_json, const char *path_format, ...)
{
    va_list args;
    va_start(args, path_format);
    char *path = path_of(path_format, args);
    va_end(args);
    return ask_and_complain(ctl, method, path, body, ret_json);
}

enum ctl_exit client_stream(const struct ctl *ctl, const char *method, const char *path,
                            const char *body, http_sink *sink, void *arg)
{
    struct http_call call;
    struct client_answer answer;
    if (send_text(ctl, method, path, body, ctl->timeout_ms, &call, &answer) != CTL_OK)
        http_call_done(&call);
    else
        receive(ctl, &call, sink, arg, &answer);
    if (answer.exit != CTL_OK && answer.message[0])
        ctl_fail(answer.exit, "%s", answer.message);
    client_answer_done(&answer);
    return answer.exit;
}
