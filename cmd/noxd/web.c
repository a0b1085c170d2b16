#include "cmd/noxd/web.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/link.h"
#include "ocpp/server/tls_files.h"

enum {
    WEB_LINKS_MAX = 200, /* the Unix socket must not suffer from the network */
    URL_SIZE = 320,
    TELL_EVERY_MS = 60000,
};

struct door {
    struct web *web;
    struct lws_vhost *vhost; /* NULL when gone */
    SSL_CTX *ctx;
    char name[32], url[URL_SIZE];
};

struct web {
    struct admin *admin;
    const struct admin_web *options;
    struct tls_files *files;
    size_t n_links, n_doors;
    char text[400]; /* why TLS could not be set up */
    struct door door[];
};

static int set_up(struct door *door, SSL_CTX *ctx)
{
    struct web *web = door->web;
    snprintf(web->text, sizeof(web->text), "OpenSSL lacks a version or suite that is wanted");
    if (!tls_rules(ctx) || !tls_files_use(web->files, ctx, web->text, sizeof(web->text)))
        return 1;
    door->ctx = ctx;
    return 0;
}

static int on_bytes(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct lws_vhost *vhost = wsi != NULL ? lws_get_vhost(wsi) : NULL;
    struct door *door = vhost != NULL ? lws_vhost_user(vhost) : NULL;
    struct link *link = user;
    bool is_open = link != NULL && link->socket != NULL;
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        return set_up(door, user);
    case LWS_CALLBACK_RAW_ADOPT:
        if (door->web->n_links >= WEB_LINKS_MAX)
            return -1;
        door->web->n_links++;
        link_open(link, door->web->admin, wsi, NULL);
        return 0;
    case LWS_CALLBACK_RAW_RX:
        return is_open && link_take(link, in, len) ? 0 : -1;
    case LWS_CALLBACK_RAW_WRITEABLE:
        return is_open && admin_write(link) ? 0 : -1;
    case LWS_CALLBACK_RAW_CLOSE:
        if (is_open) {
            link_close(link);
            door->web->n_links--;
        }
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    { .name = "nox-web",
      .callback = on_bytes,
      .per_session_data_size = sizeof(struct link),
      .rx_buffer_size = 16384,
      .tx_packet_size = LINK_FILL_BYTES },
    { .name = NULL },
};

static bool open_door(struct door *door, const struct admin_address *at, char *ret_text,
                      size_t size)
{
    const struct admin_web *options = door->web->options;
    struct lws_context_creation_info info = { 0 };
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG;
    info.listen_accept_role = "raw-skt";
    info.listen_accept_protocol = protocols[0].name;
    info.port = at->port;
    info.iface = at->host;
    info.vhost_name = door->name;
    info.protocols = protocols;
    info.user = door;
    /* It wants one pair; set_up() puts all of them in its place. */
    info.ssl_cert_filepath = options->tls->cert[0];
    info.ssl_private_key_filepath = options->tls->key[0];
    door->web->text[0] = '\0';
    door->vhost = lws_create_vhost(loop_context(door->web->admin->options.loop), &info);
    if (door->vhost == NULL || door->ctx == NULL) {
        snprintf(ret_text, size,
                 "--admin-listen %s:%d: cannot listen there%s%s; is the address one of this "
                 "machine, the port free and, below 1024, allowed?",
                 at->host, at->port, door->web->text[0] != '\0' ? ": " : "", door->web->text);
        return false;
    }
    /* A protocol that is agreed on (curl offers some) would make libwebsockets take the connection
     * away from us, with the link in it. */
    SSL_CTX_set_alpn_select_cb(door->ctx, NULL, NULL);
    bool bracketed = strchr(at->host, ':') != NULL;
    snprintf(door->url, sizeof(door->url), "https://%s%s%s:%d", bracketed ? "[" : "", at->host,
             bracketed ? "]" : "", lws_get_vhost_listen_port(door->vhost));
    return true;
}

struct web *web_new(struct admin *a, const struct admin_web *options, char *ret_text, size_t size)
{
    struct web *web = calloc(1, sizeof(*web) + options->n * sizeof(web->door[0]));
    if (web == NULL) {
        snprintf(ret_text, size, "out of memory");
        return NULL;
    }
    web->admin = a;
    web->options = options;
    web->files = tls_files_load(options->tls, ret_text, size);
    bool good = web->files != NULL;
    for (size_t i = 0; good && i < options->n; i++) {
        struct door *door = &web->door[web->n_doors++];
        door->web = web;
        snprintf(door->name, sizeof(door->name), "web-%zu", i);
        good = open_door(door, &options->at[i], ret_text, size);
    }
    if (good)
        return web;
    web_free(web);
    return NULL;
}

void web_free(struct web *web)
{
    if (web == NULL)
        return;
    tls_files_free(web->files);
    free(web);
}

const char *web_url(const struct web *web, size_t i)
{
    return web != NULL && i < web->n_doors ? web->door[i].url : NULL;
}

void admin_note_refusal(struct admin *a, const char *text)
{
    struct instant now = admin_now(a);
    if (a->refusal_told_mono_ms != 0 && now.mono_ms - a->refusal_told_mono_ms < TELL_EVERY_MS)
        return;
    a->refusal_told_mono_ms = now.mono_ms;
    struct store_event event = { .at_ms = now.utc_ms,
                                 .name = "admin.refused",
                                 .severity = STORE_WARNING,
                                 .connector = -1,
                                 .text = text };
    if (a->options.tell != NULL)
        a->options.tell(a->options.arg, &event);
}

bool web_reload(struct web *web, char *ret_text, size_t size)
{
    if (web == NULL)
        return true;
    struct tls_files *files = tls_files_load(web->options->tls, ret_text, size);
    bool good = files != NULL && tls_files_same_kinds(web->files, files, ret_text, size);
    for (size_t i = 0; good && i < web->n_doors; i++)
        good = tls_files_use(files, web->door[i].ctx, ret_text, size);
    if (!good) {
        tls_files_free(files);
        return false;
    }
    tls_files_free(web->files);
    web->files = files;
    return true;
}
