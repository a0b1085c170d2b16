/*
 * Framing of OCPP-J 1.6 (section 4): CALL, CALLRESULT and CALLERROR.
 *
 * Parsing is tolerant (numeric ids, surplus elements, short CALLERRORs, null payloads) and counts
 * what it tolerated; writing is exact.
 */
#ifndef OCPP_WIRE_RPC_H
#define OCPP_WIRE_RPC_H

#include "ocpp/wire/action.h"

enum ocpp_message_type { OCPP_CALL = 2, OCPP_CALLRESULT = 3, OCPP_CALLERROR = 4 };

enum { OCPP_ID_MAX = 255 };

struct ocpp_frame {
    int type;                 /* OCPP_CALL, OCPP_CALLRESULT, OCPP_CALLERROR */
    char id[OCPP_ID_MAX + 1]; /* the text of a string, or a number exactly as it was written */
    bool id_is_number;
    const char *action;              /* CALL only; lent by root */
    json_t *payload;                 /* lent by root; NULL for null or missing */
    enum ocpp_error_code error_code; /* CALLERROR only */
    const char *error_code_text;     /* CALLERROR only, as received; "" if missing */
    const char *error_description;   /* CALLERROR only; "" if missing */
    json_t *root;                    /* owned; ocpp_frame_done() drops it */
    unsigned violations;
    char first_violation[160];
};

enum ocpp_rpc_rc {
    OCPP_RPC_OK,
    OCPP_RPC_GARBAGE, /* no id to answer to: count and ignore */
    OCPP_RPC_IGNORE,  /* unknown message type: ignore (OCPP-J 4.1.3) */
    OCPP_RPC_ERROR,   /* a CALL with a readable id: answer CALLERROR with the report's code */
};

/**
 * Take a message apart.
 *
 * @param ret_frame  always written; end it with ocpp_frame_done() whatever the result
 * @param report     initialised by this function: code, text for everything but OCPP_RPC_OK
 */
enum ocpp_rpc_rc ocpp_rpc_parse(const char *text, size_t len, struct ocpp_frame *ret_frame,
                                struct ocpp_report *report);

void ocpp_frame_done(struct ocpp_frame *frame);

/* The writers append one message and return false, with nothing appended, if the struct is illegal
 * (see ocpp_check()) or memory ran out. */
bool ocpp_rpc_call(struct ocpp_text *out, const char *id, const struct ocpp_action *action,
                   const void *req);

/** @param payload_json  JSON text of an object, checked by the caller; NULL = {} */
bool ocpp_rpc_call_raw(struct ocpp_text *out, const char *id, const char *action,
                       const char *payload_json);

/** Answer a call; its id is echoed exactly as received. */
bool ocpp_rpc_result(struct ocpp_text *out, const struct ocpp_frame *to,
                     const struct ocpp_object *conf_object, const void *conf);

/** @param description  for people; NULL = ""; cut to the 255 characters the standard allows */
bool ocpp_rpc_error(struct ocpp_text *out, const struct ocpp_frame *to, enum ocpp_error_code code,
                    const char *description);

#endif
