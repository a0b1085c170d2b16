#include "tests/bench/ref.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define MESSAGE_MAX (64 * 1024)

bool ref_input_add(struct ref_input *input, struct lws *wsi, const char *in, size_t len,
                   const char **ret_text, size_t *ret_len)
{
    bool is_whole = lws_remaining_packet_payload(wsi) == 0 && lws_is_final_fragment(wsi);
    if (is_whole && input->len == 0) {
        *ret_text = in;
        *ret_len = len;
        return true;
    }
    char *grown = input->len + len <= MESSAGE_MAX ? realloc(input->text, input->len + len) : NULL;
    if (grown == NULL)
        return false;
    memcpy(grown + input->len, in, len);
    input->text = grown;
    input->len += len;
    if (is_whole) {
        *ret_text = input->text;
        *ret_len = input->len;
    }
    return is_whole;
}

void ref_input_done(struct ref_input *input)
{
    free(input->text);
    *input = (struct ref_input){ 0 };
}

bool ref_message_id(const char *text, size_t len, char ret_id[REF_ID_MAX])
{
    if (len < 5 || memcmp(text, "[2,\"", 4) != 0)
        return false;
    const char *end = memchr(text + 4, '"', len - 4);
    if (end == NULL || end - (text + 4) >= REF_ID_MAX)
        return false;
    memcpy(ret_id, text + 4, (size_t)(end - (text + 4)));
    ret_id[end - (text + 4)] = '\0';
    return true;
}

bool ref_answer(struct lws *wsi, const char *id)
{
    unsigned char buffer[LWS_PRE + REF_ID_MAX + 16];
    int len = snprintf((char *)buffer + LWS_PRE, REF_ID_MAX + 16, "[3,\"%s\",{}]", id);
    return lws_write(wsi, buffer + LWS_PRE, (size_t)len, LWS_WRITE_TEXT) >= len;
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
    (void)watcher, (void)events;
    ev_break(loop, EVBREAK_ALL);
}

/* libwebsockets sizes its tables by this limit. */
static void allow_many_sockets(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int ref_serve(struct ev_loop *loop, lws_callback_function *callback, size_t session_size,
              size_t rx_buffer_size, int port)
{
    allow_many_sockets();
    lws_set_log_level(LLL_ERR, NULL);
    const struct lws_protocols protocols[] = {
        { "ocpp1.6", callback, session_size, rx_buffer_size, 0, NULL, 0 },
        { NULL, NULL, 0, 0, 0, NULL, 0 },
    };
    void *loops[] = { loop };
    struct lws_context_creation_info info = {
        .port = port,
        .iface = "127.0.0.1",
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .foreign_loops = loops,
        .gid = -1,
        .uid = -1,
    };
    struct lws_context *context = lws_create_context(&info);
    struct lws_vhost *vhost = context != NULL ? lws_create_vhost(context, &info) : NULL;
    if (vhost == NULL) {
        fprintf(stderr, "cannot listen on 127.0.0.1:%d (is libwebsockets-evlib-ev there?)\n", port);
        lws_context_destroy(context);
        return 1;
    }
    ev_signal term, interrupt;
    ev_signal_init(&term, on_signal, SIGTERM);
    ev_signal_init(&interrupt, on_signal, SIGINT);
    ev_signal_start(loop, &term);
    ev_signal_start(loop, &interrupt);
    printf("ready 127.0.0.1:%d\n", lws_get_vhost_listen_port(vhost));
    fflush(stdout);
    ev_run(loop, 0);
    ev_signal_stop(loop, &term);
    ev_signal_stop(loop, &interrupt);
    lws_context_destroy(context);
    return 0;
}
