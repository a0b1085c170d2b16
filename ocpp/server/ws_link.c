/*
 * One connected station: messages in, frames out, pings, the end.
 *
 * An answer is written straight away when nothing waits before it; only what the socket does not
 * take at once is queued.  A message that came in one piece is handed on where it lies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/server/ws_state.h"

enum {
    PART_STEP = 4096,
    CLOSE_TEXT_MAX = 120,
    TURN_FRAMES = 64, /* messages of one station in a turn ... */
    TURN_MS = 20,     /* ... which ends with the next commit, or after this */
};

/* --- out --- */

static struct ws_frame *frame_new(const char *text, size_t len)
{
    struct ws_frame *frame = malloc(sizeof(*frame) + LWS_PRE + len);
    if (frame == NULL)
        return NULL;
    frame->next = NULL;
    frame->len = len;
    memcpy(frame->room + LWS_PRE, text, len);
    return frame;
}

static void queue_drop(struct ws_link *link)
{
    while (link->first != NULL) {
        struct ws_frame *next = link->first->next;
        free(link->first);
        link->first = next;
    }
    link->last = NULL;
    link->n_frames = link->n_bytes = 0;
}

static bool queue_add(struct ws_link *link, const char *text, size_t len)
{
    const struct ws_options *options = &link->server->options;
    if (link->n_frames >= options->queue_max_frames ||
        link->n_bytes + len > options->queue_max_bytes)
        return false;
    struct ws_frame *frame = frame_new(text, len);
    if (frame == NULL)
        return false;
    if (link->last != NULL)
        link->last->next = frame;
    else
        link->first = frame;
    link->last = frame;
    link->n_frames++;
    link->n_bytes += len;
    lws_callback_on_writable(link->wsi);
    return true;
}

static bool write_text(struct ws_link *link, unsigned char *text, size_t len)
{
    if (lws_write(link->wsi, text, len, LWS_WRITE_TEXT) >= 0)
        return true;
    ws_link_kill(link);
    return false;
}

bool ws_link_send(struct ws_link *link, const char *text, size_t len)
{
    struct ws_server *w = link->server;
    if (link->close_code != 0)
        return true; /* dead, and the central knows it */
    ws_trace_frame(link, WS_TRACE_OUT, text, len);
    if (link->first != NULL || len > SCRATCH_BYTES || lws_partial_buffered(link->wsi))
        return queue_add(link, text, len);
    memcpy(w->scratch + LWS_PRE, text, len);
    write_text(link, w->scratch + LWS_PRE, len);
    return true;
}

static int send_first(struct ws_link *link)
{
    struct ws_frame *frame = link->first;
    if (frame == NULL)
        return 0;
    link->first = frame->next;
    if (link->first == NULL)
        link->last = NULL;
    link->n_frames--;
    link->n_bytes -= frame->len;
    int written = lws_write(link->wsi, frame->room + LWS_PRE, frame->len, LWS_WRITE_TEXT);
    free(frame);
    if (link->first != NULL)
        lws_callback_on_writable(link->wsi);
    return written < 0 ? -1 : 0;
}

/* --- the end --- */

/* Once: libwebsockets sends the frame and waits for the peer's; a second -1 would cut the socket.
 */
static int say_goodbye(struct ws_link *link)
{
    char *text = link->close_text;
    if (link->said_goodbye)
        return 0;
    link->said_goodbye = true;
    lws_close_reason(link->wsi, (enum lws_close_status)link->close_code, (unsigned char *)text,
                     text != NULL ? strlen(text) : 0);
    return -1;
}

int ws_link_writeable(struct ws_link *link)
{
    return link->close_code != 0 ? say_goodbye(link) : send_first(link);
}

void ws_link_kill(struct ws_link *link)
{
    if (link->wsi != NULL)
        lws_set_timeout(link->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

/* Nothing of this socket counts any more. */
static void detach(struct ws_link *link, uint16_t code, const char *text)
{
    struct ws_server *w = link->server;
    ws_trace_closed(link, code, text);
    link->session = NULL;
    link->close_code = code;
    if (text != NULL && link->close_text == NULL)
        link->close_text = strndup(text, CLOSE_TEXT_MAX);
    queue_drop(link);
    free(link->part);
    link->part = NULL;
    link->part_len = link->part_room = 0;
    ws_link_pause(link, false); /* the peer's close frame must be read */
    ws_list_move(link, WS_CLOSING, loop_now(w->options.loop).mono_ms);
}

void ws_link_close(struct ws_link *link, uint16_t code, const char *text)
{
    if (link->close_code != 0)
        return;
    detach(link, code, text);
    lws_callback_on_writable(link->wsi);
}

void ws_link_lost(struct ws_link *link, uint16_t code, const char *why)
{
    struct ws_server *w = link->server;
    struct session *session = link->session;
    ws_trace_closed(link, code, why);
    if (session == NULL)
        return;
    link->session = NULL;
    central_closed(w->central, session, why, loop_now(w->options.loop));
    loop_run_due(w->options.loop);
}

void ws_link_end(struct ws_link *link)
{
    struct ws_server *w = link->server;
    ws_link_lost(link, 0, "cut: the connection ended without a close frame");
    ws_pings_forget(link);
    if (!link->decided && link->tls) {
        char why[HANDSHAKE_DETAIL_SIZE];
        ws_tls_failure(link, why, sizeof(why));
        ws_record_refused(link, HANDSHAKE_TLS_FAILED, "", why);
    }
    ws_link_pause(link, false);
    ws_list_move(link, WS_LISTS, 0);
    queue_drop(link);
    free(link->part);
    free(link->close_text);
    free(link->station);
    free(link->base);
    ws_files_end(link);
    if (w->adopting == link)
        w->adopting = NULL;
    free(link);
}

/* --- in --- */

int ws_link_established(struct ws_link *link)
{
    struct ws_server *w = link->server;
    struct instant now = loop_now(w->options.loop);
    char address[INET6_ADDRSTRLEN];
    ws_peer_text(link, address, sizeof(address));
    link->heard_mono_ms = now.mono_ms;
    ws_trace_opened(link, address);
    link->session = central_connected(w->central, w->verdict.id, link, address, now);
    if (link->session == NULL)
        return -1; /* out of memory: it comes back */
    central_proved(w->central, link->session, w->verdict.profile, w->verdict.by_pending_key, now);
    if (link->tls)
        ws_tls_show(link, now);
    w->counters.upgraded++;
    ws_list_move(link, WS_ALIVE, now.mono_ms);
    loop_run_due(w->options.loop);
    return 0;
}

static int close_now(struct ws_link *link, uint16_t code, const char *name, const char *why)
{
    struct ws_server *w = link->server;
    char text[160];
    snprintf(text, sizeof(text), "by noxd: %s", why);
    ws_event(w, name, STORE_WARNING, link->station, "closed with %u: %s", (unsigned)code, why);
    ws_link_lost(link, code, text);
    detach(link, code, why);
    return say_goodbye(link);
}

/* Collects the pieces of a message. @return 0 when all is well */
static int collect(struct ws_link *link, const char *bytes, size_t len, size_t expected)
{
    size_t wanted = link->part_len + len + expected;
    if (wanted > link->part_room) {
        char *grown = realloc(link->part, wanted + PART_STEP);
        if (grown == NULL)
            return close_now(link, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "ws.memory",
                             "out of memory");
        link->part = grown;
        link->part_room = wanted + PART_STEP;
    }
    memcpy(link->part + link->part_len, bytes, len);
    link->part_len += len;
    return 0;
}

static bool is_utf8(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + len;
    while (p < end) {
        uint64_t eight;
        if (end - p >= 8 && (memcpy(&eight, p, 8), (eight & UINT64_C(0x8080808080808080)) == 0)) {
            p += 8;
            continue;
        }
        if (*p < 0x80) {
            p++;
            continue;
        }
        /* First byte: how many follow, and the range of the next one (RFC 3629 section 4). */
        int follow = *p >= 0xF0 ? 3 : *p >= 0xE0 ? 2 : 1;
        unsigned char low = *p == 0xE0 ? 0xA0 : *p == 0xF0 ? 0x90 : 0x80;
        unsigned char high = *p == 0xED ? 0x9F : *p == 0xF4 ? 0x8F : 0xBF;
        if (*p < 0xC2 || *p > 0xF4 || end - p <= follow || p[1] < low || p[1] > high)
            return false;
        for (int i = 2; i <= follow; i++)
            if ((p[i] & 0xC0) != 0x80)
                return false;
        p += follow + 1;
    }
    return true;
}

/* A station that talks without end waits until the others had their turn; nothing is lost. */
static void count_turn(struct ws_link *link, int64_t now_mono_ms)
{
    struct ws_server *w = link->server;
    if (link->turn != w->turn) {
        link->turn = w->turn;
        link->turn_frames = 0;
    }
    if (++link->turn_frames < TURN_FRAMES && !w->pressed && !w->quiet)
        return;
    ws_link_pause(link, true);
    if (w->read_again_mono_ms == INT64_MAX)
        w->read_again_mono_ms = now_mono_ms + TURN_MS;
}

static int handle(struct ws_link *link, const char *text, size_t len)
{
    struct ws_server *w = link->server;
    struct instant now = loop_now(w->options.loop);
    if (!is_utf8(text, len))
        return close_now(link, LWS_CLOSE_STATUS_INVALID_PAYLOAD, "ws.not_utf8",
                         "the message is not UTF-8");
    link->heard_mono_ms = now.mono_ms;
    count_turn(link, now.mono_ms);
    ws_trace_frame(link, WS_TRACE_IN, text, len);
    central_on_frame(w->central, link->session, text, len, now);
    loop_run_due(w->options.loop);
    return link->close_code != 0 ? say_goodbye(link) : 0;
}

int ws_link_receive(struct ws_link *link, const char *bytes, size_t len)
{
    struct ws_server *w = link->server;
    size_t remaining = lws_remaining_packet_payload(link->wsi);
    if (link->session == NULL)
        return 0;
    if (lws_frame_is_binary(link->wsi))
        return close_now(link, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "ws.binary",
                         "OCPP messages are text, not binary");
    if (remaining > w->options.message_max ||
        link->part_len + len + remaining > w->options.message_max)
        return close_now(link, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "ws.too_long",
                         "the message is too long");
    bool complete = remaining == 0 && lws_is_final_fragment(link->wsi);
    if (complete && link->part == NULL)
        return handle(link, bytes, len);
    int failed = collect(link, bytes, len, complete ? 0 : remaining);
    if (failed != 0 || !complete)
        return failed;
    char *whole = link->part;
    size_t whole_len = link->part_len;
    link->part = NULL;
    link->part_len = link->part_room = 0;
    int result = handle(link, whole, whole_len);
    free(whole);
    return result;
}

void ws_link_pause(struct ws_link *link, bool pause)
{
    struct ws_server *w = link->server;
    if (link->paused == pause)
        return;
    link->paused = pause;
    if (pause) {
        link->paused_prev = NULL;
        link->paused_next = w->paused_first;
        if (w->paused_first != NULL)
            w->paused_first->paused_prev = link;
        w->paused_first = link;
    } else {
        if (link->paused_prev != NULL)
            link->paused_prev->paused_next = link->paused_next;
        else
            w->paused_first = link->paused_next;
        if (link->paused_next != NULL)
            link->paused_next->paused_prev = link->paused_prev;
    }
    if (link->wsi != NULL)
        lws_rx_flow_control(link->wsi, !pause);
}

void ws_link_ping(struct ws_link *link)
{
    /* Not empty: libwebsockets 4.1 keeps the answer to an empty ping to itself. */
    unsigned char ping[LWS_PRE + 3];
    memcpy(ping + LWS_PRE, "nox", 3);
    if (lws_partial_buffered(link->wsi))
        return; /* what is on its way asks the same question */
    if (lws_write(link->wsi, ping + LWS_PRE, 3, LWS_WRITE_PING) < 0)
        ws_link_kill(link);
}
