#include "ocpp/wire/rpc.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    ID_LENGTH_OF_STANDARD = 36, /* longer ones are echoed all the same */
    DESCRIPTION_MAX = 255,
};

static void tolerate(struct ocpp_frame *frame, struct ocpp_report *report, const char *sentence)
{
    if (frame->violations++ == 0)
        snprintf(frame->first_violation, sizeof(frame->first_violation), "%s", sentence);
    if (report->violations++ == 0)
        snprintf(report->first_violation, sizeof(report->first_violation), "%s", sentence);
}

static enum ocpp_rpc_rc reject(struct ocpp_report *report, enum ocpp_rpc_rc rc,
                               enum ocpp_error_code code, const char *sentence)
{
    report->code = code;
    snprintf(report->text, sizeof(report->text), "%s", sentence);
    return rc;
}

static void init_frame(struct ocpp_frame *frame)
{
    frame->type = 0;
    frame->id[0] = '\0'; /* the rest of the buffers stays as it is */
    frame->id_is_number = false;
    frame->action = NULL;
    frame->payload = NULL;
    frame->error_code = OCPP_OK;
    frame->error_code_text = "";
    frame->error_description = "";
    frame->root = NULL;
    frame->violations = 0;
    frame->first_violation[0] = '\0';
}

static json_t *load(const char *text, size_t len, json_error_t *error)
{
    /* Some stations send the terminating NUL of their buffer along. */
    while (len > 0 && text[len - 1] == '\0')
        len--;
    /* \u0000 inside a string is for the field rules to judge, not a reason to drop the message. */
    json_t *root = json_loadb(text, len, JSON_ALLOW_NUL, error);
    if (!root && json_error_code(error) == json_error_numeric_overflow)
        root = json_loadb(text, len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, error);
    return root;
}

/* The numeric id as it was written.  The text is valid JSON: an array whose first element is a
 * number or a string of one digit, and whose second is a number. */
static bool copy_number(const char *text, size_t len, char *id)
{
    const char *comma = memchr(text, ',', len);
    const char *end = text + len;
    if (!comma)
        return false;
    const char *at = comma + 1;
    while (at < end && isspace((unsigned char)*at))
        at++;
    size_t n = 0;
    while (at + n < end && strchr("+-.0123456789eE", at[n]) && at[n])
        n++;
    if (n == 0 || n > OCPP_ID_MAX)
        return false;
    memcpy(id, at, n);
    id[n] = '\0';
    return true;
}

static bool copy_string(const json_t *json, char *id)
{
    size_t len = json_string_length(json);
    const char *value = json_string_value(json);
    if (len > OCPP_ID_MAX || memchr(value, '\0', len))
        return false;
    memcpy(id, value, len + 1);
    return true;
}

static bool read_id(const char *text, size_t len, struct ocpp_frame *frame,
                    struct ocpp_report *report)
{
    const json_t *id = json_array_get(frame->root, 1);
    if (json_is_number(id)) {
        frame->id_is_number = true;
        if (!copy_number(text, len, frame->id))
            return false;
        tolerate(frame, report, "the message id must be a string");
        return true;
    }
    if (!json_is_string(id) || !copy_string(id, frame->id))
        return false;
    if (json_string_length(id) > ID_LENGTH_OF_STANDARD &&
        ocpp_utf8_length(frame->id) > ID_LENGTH_OF_STANDARD)
        tolerate(frame, report, "the message id has more than 36 characters");
    return true;
}

/* 0 if it cannot be read. */
static int read_type(struct ocpp_frame *frame, struct ocpp_report *report)
{
    const json_t *type = json_array_get(frame->root, 0);
    if (json_is_number(type)) { /* a real if load() had to read a huge integer somewhere */
        double value = json_number_value(type);
        bool is_known = value == OCPP_CALL || value == OCPP_CALLRESULT || value == OCPP_CALLERROR;
        return is_known ? (int)value : 0;
    }
    const char *text = json_string_value(type);
    if (!text || strlen(text) != 1 || !strchr("234", text[0]))
        return 0;
    tolerate(frame, report, "the message type must be a number");
    return text[0] - '0';
}

static json_t *payload_at(struct ocpp_frame *frame, struct ocpp_report *report, size_t index)
{
    json_t *payload = json_array_get(frame->root, index);
    if (!payload)
        tolerate(frame, report, "the payload is missing");
    if (json_array_size(frame->root) > index + 1)
        tolerate(frame, report, "the message has surplus elements");
    return json_is_null(payload) ? NULL : payload; /* null is legal: OCPP-J 4.2.1 */
}

static enum ocpp_rpc_rc read_call(struct ocpp_frame *frame, struct ocpp_report *report)
{
    frame->action = json_string_value(json_array_get(frame->root, 2));
    if (!frame->action)
        return reject(report, OCPP_RPC_ERROR, OCPP_FORMATION_VIOLATION,
                      "a CALL must be [2, id, action, payload]");
    frame->payload = payload_at(frame, report, 3);
    return OCPP_RPC_OK;
}

static const char *text_at(struct ocpp_frame *frame, struct ocpp_report *report, size_t index)
{
    const char *text = json_string_value(json_array_get(frame->root, index));
    if (!text)
        tolerate(frame, report, "the CALLERROR is incomplete");
    return text ? text : "";
}

static enum ocpp_rpc_rc read_call_error(struct ocpp_frame *frame, struct ocpp_report *report)
{
    frame->error_code_text = text_at(frame, report, 2);
    frame->error_description = text_at(frame, report, 3);
    frame->error_code = ocpp_error_from_text(frame->error_code_text);
    if (json_array_size(frame->root) != 5)
        tolerate(frame, report, "a CALLERROR must have five elements");
    return OCPP_RPC_OK;
}

static enum ocpp_rpc_rc not_json(const json_error_t *error, struct ocpp_report *report)
{
    reject(report, OCPP_RPC_GARBAGE, OCPP_FORMATION_VIOLATION, "");
    snprintf(report->text, sizeof(report->text), "no JSON array at byte %d: %.120s",
             error->position, error->text);
    return OCPP_RPC_GARBAGE;
}

enum ocpp_rpc_rc ocpp_rpc_parse(const char *text, size_t len, struct ocpp_frame *ret_frame,
                                struct ocpp_report *report)
{
    struct ocpp_frame *frame = ret_frame;
    json_error_t error;
    ocpp_report_init(report);
    init_frame(frame);
    frame->root = load(text, len, &error);
    if (!frame->root)
        return not_json(&error, report);
    if (!json_is_array(frame->root) || json_array_size(frame->root) == 0)
        return reject(report, OCPP_RPC_GARBAGE, OCPP_FORMATION_VIOLATION,
                      "a message must be a JSON array");
    frame->type = read_type(frame, report);
    if (frame->type == 0)
        return reject(report, OCPP_RPC_IGNORE, OCPP_PROTOCOL_ERROR, "unknown message type");
    if (!read_id(text, len, frame, report))
        return reject(report, OCPP_RPC_GARBAGE, OCPP_FORMATION_VIOLATION,
                      "the message id must be a string of at most 255 bytes");
    if (frame->type == OCPP_CALL)
        return read_call(frame, report);
    if (frame->type == OCPP_CALLERROR)
        return read_call_error(frame, report);
    frame->payload = payload_at(frame, report, 2);
    return OCPP_RPC_OK;
}

void ocpp_frame_done(struct ocpp_frame *frame)
{
    if (!frame)
        return;
    json_decref(frame->root);
    frame->root = NULL;
    frame->payload = NULL;
    frame->action = NULL;
    frame->error_code_text = "";
    frame->error_description = "";
}

/* Keep the message or, if something failed, take back what was appended since start. */
static bool finish(struct ocpp_text *out, size_t start, bool is_good)
{
    if (is_good && !out->failed)
        return true;
    ocpp_text_truncate(out, start);
    return false;
}

static void begin_call(struct ocpp_text *out, const char *id, const char *action)
{
    ocpp_text_append(out, "[2,", 3);
    ocpp_text_append_json_string(out, id);
    ocpp_text_append(out, ",", 1);
    ocpp_text_append_json_string(out, action);
    ocpp_text_append(out, ",", 1);
}

/* [3 or 4 and the id of the call */
static void begin_answer(struct ocpp_text *out, int type, const struct ocpp_frame *to)
{
    ocpp_text_append(out, "[", 1);
    ocpp_text_append_int(out, type);
    ocpp_text_append(out, ",", 1);
    if (to->id_is_number)
        ocpp_text_append_str(out, to->id);
    else
        ocpp_text_append_json_string(out, to->id);
    ocpp_text_append(out, ",", 1);
}

bool ocpp_rpc_call(struct ocpp_text *out, const char *id, const struct ocpp_action *action,
                   const void *req)
{
    size_t start = out->len;
    begin_call(out, id, action->name);
    bool is_good = ocpp_encode(action->req, req, out);
    ocpp_text_append(out, "]", 1);
    return finish(out, start, is_good);
}

bool ocpp_rpc_call_raw(struct ocpp_text *out, const char *id, const char *action,
                       const char *payload_json)
{
    size_t start = out->len;
    begin_call(out, id, action);
    ocpp_text_append_str(out, payload_json ? payload_json : "{}");
    ocpp_text_append(out, "]", 1);
    return finish(out, start, true);
}

bool ocpp_rpc_result(struct ocpp_text *out, const struct ocpp_frame *to,
                     const struct ocpp_object *conf_object, const void *conf)
{
    size_t start = out->len;
    begin_answer(out, OCPP_CALLRESULT, to);
    bool is_good = ocpp_encode(conf_object, conf, out);
    ocpp_text_append(out, "]", 1);
    return finish(out, start, is_good);
}

/* The first characters of a text, as many as fit; never half of a character. */
static void cut_text(const char *text, char buf[DESCRIPTION_MAX + 1])
{
    size_t len = strlen(text);
    if (len > DESCRIPTION_MAX) {
        len = DESCRIPTION_MAX;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--;
    }
    memcpy(buf, text, len);
    buf[len] = '\0';
}

bool ocpp_rpc_error(struct ocpp_text *out, const struct ocpp_frame *to, enum ocpp_error_code code,
                    const char *description)
{
    char cut[DESCRIPTION_MAX + 1];
    size_t start = out->len;
    const char *code_text = ocpp_error_text(code);
    cut_text(description ? description : "", cut);
    begin_answer(out, OCPP_CALLERROR, to);
    ocpp_text_append_json_string(out, *code_text ? code_text : "GenericError");
    ocpp_text_append(out, ",", 1);
    ocpp_text_append_json_string(out, cut);
    ocpp_text_append_str(out, ",{}]");
    return finish(out, start, true);
}
