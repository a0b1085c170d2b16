/*
 * The one decision about an upgrade request, before it is answered: accept as this station, or
 * refuse with a status, a stable reason and a sentence that says what to change.
 *
 * Pure: what the request says and look-ups go in, a verdict comes out.  No socket, no clock.
 * OCPP-J 1.6 sections 3.1, 3.2, 6.2; security white paper A00.
 */
#ifndef OCPP_SERVER_HANDSHAKE_H
#define OCPP_SERVER_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "ocpp/central/central.h"

enum {
    HANDSHAKE_ID_CHARACTERS = 48,                        /* longest identity */
    HANDSHAKE_ID_SIZE = HANDSHAKE_ID_CHARACTERS * 4 + 1, /* its bytes, with NUL */
    HANDSHAKE_DETAIL_SIZE = 400,
};

/* Header values are NULL when the header is absent.  All lent. */
struct handshake_request {
    const char *path;    /* percent-decoded once, without query; NULL when the method is not GET */
    const char *upgrade; /* NULL: an ordinary HTTP request */
    const char *connection, *websocket_key, *websocket_version, *host;
    const char *subprotocols;
    const char *authorization;
    bool tls;
    const char *certificate_cn; /* of a client certificate that was verified; NULL = none */
    const char *certificate_organisation; /* O of it; NULL = none */
};

/* What is known; `like` may be NULL (then case is not looked at). */
struct handshake_lookup {
    void *arg;
    const struct central_identity *(*identity)(void *arg, const char *id);
    const char *(*like)(void *arg, const char *id);
    bool accept_unknown;      /* take in unknown stations as Pending */
    const char *organisation; /* O that client certificates must have; NULL = any */
};

enum handshake_reason {
    HANDSHAKE_ACCEPTED,
    HANDSHAKE_NOT_WEBSOCKET,
    HANDSHAKE_BAD_UPGRADE,
    HANDSHAKE_WRONG_PATH,
    HANDSHAKE_NO_IDENTITY,
    HANDSHAKE_BAD_IDENTITY,
    HANDSHAKE_UNKNOWN_STATION,
    HANDSHAKE_NO_SUBPROTOCOL,
    HANDSHAKE_WRONG_SUBPROTOCOL,
    HANDSHAKE_NEEDS_TLS,
    HANDSHAKE_NO_KEY_SET,
    HANDSHAKE_NO_CREDENTIALS,
    HANDSHAKE_BAD_CREDENTIALS,
    HANDSHAKE_WRONG_USER,
    HANDSHAKE_BAD_KEY,
    HANDSHAKE_NO_CERTIFICATE,
    HANDSHAKE_WRONG_CERTIFICATE,
    HANDSHAKE_WRONG_ORGANISATION,
    /* Found outside the decision, refused by the same words. */
    HANDSHAKE_TOO_OFTEN,
    HANDSHAKE_TOO_MANY_UNKNOWN,
    HANDSHAKE_STOPPING,
    HANDSHAKE_BAD_CERTIFICATE,
    HANDSHAKE_TLS_FAILED,
    HANDSHAKE_TIMED_OUT,
};

struct handshake_verdict {
    enum handshake_reason reason;
    bool provision;      /* accepted, but the station must be made first */
    bool by_pending_key; /* accepted by the key that was sent to it last, not by the old one */
    int32_t profile;     /* accepted: the security profile that the station has proved */
    char id[HANDSHAKE_ID_SIZE]; /* of the station; when refused: what was tried, printable */
    char detail[HANDSHAKE_DETAIL_SIZE]; /* for the operator, printable UTF-8; "" when accepted */
};

/* Fills ret_verdict whole. @return true when accepted */
bool handshake_decide(const struct handshake_request *request,
                      const struct handshake_lookup *lookup, struct handshake_verdict *ret_verdict);

/* The stable word recorded for the operator: "unknown-station", "bad-key", ... */
const char *handshake_word(enum handshake_reason reason);
/* Did the peer fail to prove who it is, or to speak safely? */
bool handshake_is_security(enum handshake_reason reason);
/* HTTP status of the answer: 400, 401, 404, 503; 0 = none can be sent any more. */
int handshake_status(enum handshake_reason reason);
/* What the peer may read: what is wrong, in full only where that helps nobody to guess a key. */
void handshake_answer(const struct handshake_verdict *verdict, char *buf, size_t size);

/* Copies text for people: what is not printable UTF-8 becomes '?', too long text is cut. */
void handshake_printable(char *dst, size_t size, const char *src, size_t len);

#endif
