/* The station server as a whole: vhosts, callbacks, deadlines, the end. */
#include "ocpp/server/ws_server.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/server/credentials.h"
#include "ocpp/server/ws_state.h"

enum {
    MESSAGE_MAX = 256 * 1024,
    QUEUE_MAX_BYTES = 1024 * 1024,
    TX_BYTES = 4 * 1024 * 1024, /* more than any frame: nothing is cut in pieces */
    HANDSHAKE_MS = 10000,       /* from accept to upgrade */
    CLOSING_MS = 3000,          /* for the close frames both ways */
    LOOKS_PER_PING = 9,         /* how exactly silence is measured */
};

/* --- lists --- */

static void list_remove(struct ws_list *list, struct ws_link *link)
{
    if (link->prev != NULL)
        link->prev->next = link->next;
    else
        list->first = link->next;
    if (link->next != NULL)
        link->next->prev = link->prev;
    else
        list->last = link->prev;
    list->n--;
}

static void list_add(struct ws_list *list, struct ws_link *link)
{
    link->prev = list->last;
    link->next = NULL;
    if (list->last != NULL)
        list->last->next = link;
    else
        list->first = link;
    list->last = link;
    list->n++;
}

void ws_list_move(struct ws_link *link, enum ws_list_id to, int64_t now_mono_ms)
{
    struct ws_server *w = link->server;
    if (link->list != WS_LISTS)
        list_remove(&w->list[link->list], link);
    link->list = (uint8_t)to;
    link->listed_mono_ms = now_mono_ms;
    if (to != WS_LISTS)
        list_add(&w->list[to], link);
}

/* --- callbacks of libwebsockets --- */

/* The close frame: two bytes of code, then a reason (RFC 6455 section 5.5.1). */
static void closed_by_peer(struct ws_link *link, const void *payload, size_t len)
{
    const unsigned char *bytes = payload;
    char reason[124], text[160];
    uint16_t code = (uint16_t)(len >= 2 ? bytes[0] << 8 | bytes[1] : 1005);
    handshake_printable(reason, sizeof(reason), len > 2 ? (const char *)bytes + 2 : "",
                        len > 2 ? len - 2 : 0);
    snprintf(text, sizeof(text), "by the station%s%s", reason[0] != '\0' ? ": " : "", reason);
    ws_link_lost(link, code, text);
}

static int on_link(struct ws_link *link, enum lws_callback_reasons reason, void *in, size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return ws_upgrade(link, true) ? 0 : -1;
    case LWS_CALLBACK_HTTP:
        if (ws_files_is(link))
            return ws_files_begin(link);
        ws_upgrade(link, false);
        return -1;
    case LWS_CALLBACK_HTTP_BODY:
        return ws_files_body(link, in, len);
    case LWS_CALLBACK_ESTABLISHED:
        return ws_link_established(link);
    case LWS_CALLBACK_RECEIVE:
        return ws_link_receive(link, in, len);
    case LWS_CALLBACK_RECEIVE_PONG:
        ws_pong(link, in, len);
        link->heard_mono_ms = loop_now(link->server->options.loop).mono_ms;
        if (link->session != NULL)
            central_alive(link->server->central, link->session,
                          loop_now(link->server->options.loop));
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return ws_link_writeable(link);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        closed_by_peer(link, in, len);
        return 0;
    case LWS_CALLBACK_CLOSED:
        ws_link_lost(link, 0, "cut: the connection ended without a close frame");
        return 0;
    default:
        return 0;
    }
}

static int on_station(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                      size_t len)
{
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS)
        return ws_tls_setup(lws_vhost_user(lws_get_vhost(wsi)), user);
    if (reason == LWS_CALLBACK_PROTOCOL_INIT || reason == LWS_CALLBACK_PROTOCOL_DESTROY ||
        reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED || reason == LWS_CALLBACK_WSI_CREATE)
        return 0;
    struct ws_link *link = lws_get_opaque_user_data(wsi);
    if (reason == LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION)
        return ws_tls_verify(link, user, len == 1);
    if (link == NULL)
        return 0;
    if (reason == LWS_CALLBACK_WSI_DESTROY) {
        lws_set_opaque_user_data(wsi, NULL);
        ws_tls_adopted(NULL, wsi);
        link->wsi = NULL;
        ws_link_end(link);
        return 0;
    }
    link->wsi = wsi;
    return on_link(link, reason, in, len);
}

const struct lws_protocols *ws_server_protocols(void)
{
    /* The first one is what stations ask for by its name, and what a lax one without any gets. */
    static const struct lws_protocols protocols[] = {
        { .name = "ocpp1.6",
          .callback = on_station,
          .rx_buffer_size = RX_BYTES,
          .tx_packet_size = TX_BYTES },
        { .name = NULL },
    };
    return protocols;
}

/* --- life --- */

static void take_options(struct ws_server *w, const struct ws_options *options)
{
    struct ws_options *o = &w->options;
    *o = *options;
    if (o->message_max == 0)
        o->message_max = MESSAGE_MAX;
    if (o->queue_max_frames == 0)
        o->queue_max_frames = 256;
    if (o->queue_max_bytes == 0)
        o->queue_max_bytes = QUEUE_MAX_BYTES;
    if (o->ping_s == 0)
        o->ping_s = 45;
    if (o->hangup_s == 0)
        o->hangup_s = 75;
    if (o->handshakes_per_s == 0)
        o->handshakes_per_s = 12000;
}

struct ws_server *ws_server_new(const struct ws_options *options, char *ret_text, size_t size)
{
    struct ws_server *w = calloc(1, sizeof(*w));
    snprintf(ret_text, size, "out of memory");
    if (w == NULL)
        return NULL;
    take_options(w, options);
    w->scratch = malloc(LWS_PRE + SCRATCH_BYTES);
    /* A station may come back at once, and often for a while; not for ever. */
    w->by_identity = limiter_new(16384, 60, 1);
    w->by_address = limiter_new(4096, 2000, 200);
    w->by_record = limiter_new(4096, 5, 0.2);
    w->accept_again_mono_ms = w->read_again_mono_ms = INT64_MAX;
    w->records.tokens = 200;
    w->provisions.tokens = w->likes.tokens = 100;
    w->security.tokens = 50;
    if (w->scratch != NULL && w->by_identity != NULL && w->by_address != NULL &&
        w->by_record != NULL)
        return w;
    ws_server_free(w);
    return NULL;
}

void ws_server_free(struct ws_server *w)
{
    if (w == NULL)
        return;
    tls_files_free(w->tls_files);
    ws_pings_tick(w, INT64_MAX);
    limiter_free(w->by_identity);
    limiter_free(w->by_address);
    limiter_free(w->by_record);
    free(w->scratch);
    free(w);
}

static bool port_send(void *arg, void *link, const char *text, size_t len)
{
    (void)arg;
    return ws_link_send(link, text, len);
}

static void port_close(void *arg, void *link, uint16_t code, const char *reason)
{
    (void)arg;
    ws_link_close(link, code, reason);
}

static bool port_key_hash(void *arg, const uint8_t *key, size_t len, uint8_t ret_salt[16],
                          uint8_t ret_hash[32])
{
    (void)arg;
    return credentials_hash(key, len, ret_salt, ret_hash);
}

void ws_server_port(struct ws_server *w, struct central_port *ret_port)
{
    (void)w;
    ret_port->send = port_send;
    ret_port->close = port_close;
    ret_port->key_hash = port_key_hash;
}

void ws_server_start(struct ws_server *w, struct central *central)
{
    w->central = central;
}

void ws_event(struct ws_server *w, const char *name, enum store_severity severity,
              const char *station, const char *format, ...)
{
    char text[HANDSHAKE_DETAIL_SIZE + 120];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct store_event event = { .at_ms = loop_now(w->options.loop).utc_ms,
                                 .name = name,
                                 .severity = severity,
                                 .station = station,
                                 .connector = -1,
                                 .text = text };
    struct store_done nobody = { .fn = NULL };
    store_event(w->options.store, &event, nobody);
    if (w->options.event != NULL)
        w->options.event(w->options.arg, &event);
}

/* --- time --- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t tick_handshakes(struct ws_server *w, int64_t now_mono_ms)
{
    struct ws_list *list = &w->list[WS_HANDSHAKE];
    while (list->first != NULL && list->first->listed_mono_ms + HANDSHAKE_MS <= now_mono_ms) {
        struct ws_link *slow = list->first;
        if (!slow->decided)
            ws_record_refused(slow, HANDSHAKE_TIMED_OUT, "",
                              "connected but sent no whole request within 10 s: look at its link");
        slow->decided = true;
        ws_list_move(slow, WS_CLOSING, now_mono_ms - CLOSING_MS);
    }
    return list->first != NULL ? list->first->listed_mono_ms + HANDSHAKE_MS : INT64_MAX;
}

static int64_t look_ms(const struct ws_server *w)
{
    int64_t ms = (int64_t)w->options.ping_s * 1000 / LOOKS_PER_PING;
    return ms > 100 ? ms : 100;
}

static void look_at(struct ws_link *link, int64_t now_mono_ms)
{
    const struct ws_options *o = &link->server->options;
    if (link->paused)
        link->heard_mono_ms = now_mono_ms; /* it is us who do not listen */
    int64_t silent_ms = now_mono_ms - link->heard_mono_ms;
    int64_t own_s = link->session != NULL ? central_session_ping_s(link->session) : 0;
    int64_t ping_s = own_s > o->ping_s ? own_s : o->ping_s;
    int64_t hangup_s = o->hangup_s + (ping_s - o->ping_s); /* as long after the ping */
    if (own_s < 0) { /* never pinged, so never cut for silence */
        ws_list_move(link, WS_ALIVE, now_mono_ms);
        return;
    }
    if (silent_ms >= hangup_s * 1000) {
        char text[100];
        snprintf(text, sizeof(text), "by noxd: silent for %d s, pings were not answered",
                 (int)(silent_ms / 1000));
        ws_link_lost(link, 0, text);
        ws_list_move(link, WS_CLOSING, now_mono_ms - CLOSING_MS);
        return;
    }
    if (silent_ms < ping_s * 1000)
        link->asked = false;
    else if (!link->asked) {
        link->asked = true;
        ws_link_ping(link);
    }
    ws_list_move(link, WS_ALIVE, now_mono_ms);
}

static int64_t tick_alive(struct ws_server *w, int64_t now_mono_ms)
{
    struct ws_list *list = &w->list[WS_ALIVE];
    int64_t every_ms = look_ms(w);
    while (list->first != NULL && list->first->listed_mono_ms + every_ms <= now_mono_ms)
        look_at(list->first, now_mono_ms);
    return list->first != NULL ? list->first->listed_mono_ms + every_ms : INT64_MAX;
}

static int64_t tick_closing(struct ws_server *w, int64_t now_mono_ms)
{
    struct ws_list *list = &w->list[WS_CLOSING];
    while (list->first != NULL && list->first->listed_mono_ms + CLOSING_MS <= now_mono_ms) {
        struct ws_link *stuck = list->first;
        ws_link_kill(stuck);
        /* Gone soon; should libwebsockets need a second call, there is one. */
        ws_list_move(stuck, WS_CLOSING, now_mono_ms);
    }
    return list->first != NULL ? list->first->listed_mono_ms + CLOSING_MS : INT64_MAX;
}

static void next_turn(struct ws_server *w)
{
    w->turn++;
    w->read_again_mono_ms = INT64_MAX;
    while (w->paused_first != NULL && !w->pressed && !w->quiet)
        ws_link_pause(w->paused_first, false);
}

int64_t ws_server_tick(struct ws_server *w, struct instant now)
{
    int64_t next = tick_handshakes(w, now.mono_ms);
    next = earlier(next, tick_alive(w, now.mono_ms));
    next = earlier(next, tick_closing(w, now.mono_ms));
    next = earlier(next, ws_tls_tick(w, now.mono_ms));
    next = earlier(next, ws_pings_tick(w, now.mono_ms));
    next = earlier(next, ws_files_tick(w, now.mono_ms));
    if (w->accept_again_mono_ms <= now.mono_ms)
        ws_accept_pause(w, false);
    if (w->read_again_mono_ms <= now.mono_ms)
        next_turn(w);
    return earlier(next, earlier(w->accept_again_mono_ms, w->read_again_mono_ms));
}

void ws_server_press(struct ws_server *w, bool pressed)
{
    w->pressed = pressed;
    next_turn(w);
}

/* --- the end --- */

void ws_server_quiet(struct ws_server *w)
{
    if (w->quiet)
        return;
    w->quiet = true;
    ws_listeners_close(w);
    for (struct ws_link *link = w->list[WS_ALIVE].first; link != NULL; link = link->next)
        ws_link_pause(link, true);
    for (struct ws_link *link = w->list[WS_HANDSHAKE].first; link != NULL; link = link->next)
        ws_link_kill(link);
    for (struct ws_link *link = w->list[WS_FILES].first; link != NULL; link = link->next)
        ws_link_kill(link);
}

bool ws_server_drain(struct ws_server *w)
{
    ws_server_quiet(w);
    while (w->list[WS_ALIVE].first != NULL) {
        struct ws_link *link = w->list[WS_ALIVE].first;
        ws_link_lost(link, LWS_CLOSE_STATUS_GOINGAWAY, "by noxd: it is stopping");
        ws_link_close(link, LWS_CLOSE_STATUS_GOINGAWAY, "the central system is stopping");
    }
    return w->list[WS_CLOSING].first == NULL && w->list[WS_HANDSHAKE].first == NULL &&
           w->list[WS_FILES].first == NULL;
}

void ws_server_counters(const struct ws_server *w, struct ws_counters *ret_counters)
{
    *ret_counters = w->counters;
    ret_counters->links = w->list[WS_ALIVE].n;
    ret_counters->handshakes = w->list[WS_HANDSHAKE].n;
}
