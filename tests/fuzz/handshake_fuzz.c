/*
 * Lines become path and headers of an upgrade request.  Nobody gets in without being known, and
 * what is kept for the operator is printable UTF-8.
 */
#include "ocpp/server/handshake.h"
#include "tests/fuzz/fuzz.h"

enum { LINES = 8 };

static const uint8_t salt[16] = "salt of the test";
static const uint8_t hash[32] = "no key has this hash, so to say";
static const struct central_identity stations[] = {
    { .id = "CP-0", .security_profile = 0 },
    { .id = "LAX", .security_profile = 0, .lax_subprotocol = true },
    { .id = "A+B", .security_profile = 0 },
    { .id = "CP-1", .security_profile = 1, .has_key = true, .key_salt = salt, .key_hash = hash },
    { .id = "CP-2", .security_profile = 2 },
    { .id = "CP-3", .security_profile = 3 },
};

static const struct central_identity *find(void *arg, const char *id)
{
    (void)arg;
    for (size_t i = 0; i < sizeof(stations) / sizeof(stations[0]); i++)
        if (strcmp(stations[i].id, id) == 0)
            return &stations[i];
    return NULL;
}

static const char *find_like(void *arg, const char *id)
{
    (void)arg;
    return strlen(id) == 4 ? "CP-1" : NULL;
}

static void check_text(const char *text, size_t size)
{
    if (memchr(text, '\0', size) == NULL)
        abort();
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            abort();
}

/* Without TLS only profile 0 needs nothing that a fuzzer cannot guess. */
static void check_verdict(const struct handshake_request *request,
                          const struct handshake_verdict *verdict, bool accepted)
{
    char answer[HANDSHAKE_DETAIL_SIZE + 160];
    check_text(verdict->id, sizeof(verdict->id));
    check_text(verdict->detail, sizeof(verdict->detail));
    const struct central_identity *known = find(NULL, verdict->id);
    if (accepted != (verdict->reason == HANDSHAKE_ACCEPTED))
        abort();
    if (accepted && !verdict->provision && known == NULL)
        abort();
    if (accepted && known != NULL && known->security_profile != 0 &&
        !(known->security_profile == 3 && request->tls && request->certificate_cn != NULL))
        abort();
    if (!accepted)
        handshake_answer(verdict, answer, sizeof(answer));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    char *text = fuzz_string(data + 1, size - 1), *line[LINES] = { NULL };
    char *at = text;
    for (size_t i = 0; i < LINES && at != NULL; i++) {
        line[i] = at;
        at = strchr(at, '\n');
        if (at != NULL)
            *at++ = '\0';
    }
    struct handshake_request request = { .path = line[0],
                                         .subprotocols = line[1],
                                         .authorization = line[2],
                                         .upgrade = line[3] ? line[3] : "websocket",
                                         .connection = line[4] ? line[4] : "Upgrade",
                                         .websocket_key =
                                             line[5] ? line[5] : "dGhlIHNhbXBsZSBub25jZQ==",
                                         .websocket_version = line[6] ? line[6] : "13",
                                         .host = "localhost",
                                         .certificate_cn = line[7],
                                         .tls = (data[0] & 1) != 0 };
    struct handshake_lookup lookup = { .identity = find,
                                       .like = find_like,
                                       .accept_unknown = (data[0] & 2) != 0 };
    struct handshake_verdict verdict;
    bool accepted = handshake_decide(&request, &lookup, &verdict);
    check_verdict(&request, &verdict, accepted);
    free(text);
    return 0;
}

static const char *const seeds[] = {
    " /ocpp/CP-0\nocpp1.6",
    "\x01/ocpp/CP-1\nocpp2.0.1, ocpp1.6\nBasic Q1AtMToAAQIDBAUGBwgJCgsMDQ4PEBESEw==",
    "\x01/ocpp/CP-3/\nocpp1.6\n\nwebsocket\nkeep-alive, Upgrade\ndGhlIHNhbXBsZSBub25jZQ==\n13\nCP-3",
    "\x02/ocpp/NEW ONE\nocpp1.6",
    " //ocpp/A B\nOCPP1.6",
    " http://host/ocpp/LAX",
    " /ocpp/\xc3\xa4\xff\x01",
};
FUZZ_MAIN(seeds)
