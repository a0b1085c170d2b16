/*
 * The floor: a bare libwebsockets server that answers each CALL with an empty CALLRESULT.
 *
 * Nothing is parsed but the id, nothing is kept.  The answer is written straight from the receive
 * callback, or from the writeable callback as libwebsockets' manual advises (--writeable).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/ref.h"

struct session {
    struct ref_input input;
    char id[REF_ID_MAX]; /* of the CALL that waits for the writeable callback, "" = none */
};

struct settings {
    bool waits_for_writeable;
    bool confirms_validity; /* lws_validity_confirmed() on every message */
};

static bool on_message(const struct settings *settings, struct session *s, struct lws *wsi,
                       const char *text, size_t len)
{
    if (!ref_message_id(text, len, s->id))
        return false;
    if (settings->confirms_validity)
        lws_validity_confirmed(wsi);
    if (settings->waits_for_writeable)
        return lws_callback_on_writable(wsi) >= 0;
    return ref_answer(wsi, s->id);
}

static bool on_receive(const struct settings *settings, struct session *s, struct lws *wsi,
                       const char *in, size_t len)
{
    const char *text;
    size_t text_len;
    if (!ref_input_add(&s->input, wsi, in, len, &text, &text_len))
        return true;
    bool ok = on_message(settings, s, wsi, text, text_len);
    ref_input_done(&s->input);
    return ok;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len, const struct settings *settings)
{
    struct session *s = user;
    switch ((int)reason) {
    case LWS_CALLBACK_RECEIVE:
        return on_receive(settings, s, wsi, in, len) ? 0 : -1;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return s->id[0] == '\0' || ref_answer(wsi, s->id) ? 0 : -1;
    case LWS_CALLBACK_CLOSED:
        ref_input_done(&s->input);
        return 0;
    default:
        return 0;
    }
}

/* One callback for each setting: libwebsockets hands the protocol no argument of ours. */
static int echo_direct(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                       size_t len)
{
    static const struct settings settings = { false, false };
    return on_event(wsi, reason, user, in, len, &settings);
}

static int echo_writeable(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                          size_t len)
{
    static const struct settings settings = { true, false };
    return on_event(wsi, reason, user, in, len, &settings);
}

static int echo_validity(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                         size_t len)
{
    static const struct settings settings = { false, true };
    return on_event(wsi, reason, user, in, len, &settings);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "port", required_argument, NULL, 'p' },
        { "rx", required_argument, NULL, 'r' },
        { "writeable", no_argument, NULL, 'w' },
        { "validity", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 },
    };
    lws_callback_function *callback = echo_direct;
    int port = 0, opt;
    size_t rx_buffer_size = 2048;
    while ((opt = getopt_long(argc, argv, "p:r:wv", options, NULL)) != -1) {
        if (opt == 'p') {
            port = (int)strtol(optarg, NULL, 10);
        } else if (opt == 'r') {
            rx_buffer_size = strtoul(optarg, NULL, 10);
        } else if (opt == 'w' || opt == 'v') {
            callback = opt == 'w' ? echo_writeable : echo_validity;
        } else {
            fprintf(stderr, "usage: ref_echo [--port P] [--rx BYTES] [--writeable | --validity]\n");
            return 2;
        }
    }
    return ref_serve(ev_default_loop(0), callback, sizeof(struct session), rx_buffer_size, port);
}
