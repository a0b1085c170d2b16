/* The event loop; see README.md for what libwebsockets 4.1's libev backend needs. */
#include "ocpp/server/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* libwebsockets' own timers (pings, handshake time-outs) are looked at whenever any descriptor is
 * served.  With libev an earlier timer does not replace a later one that is armed already, so the
 * loop never sleeps longer than this. */
enum { PULSE_MS = 1000, FILES_MAX = 65536, PROTOCOLS_MAX = 4 };

struct loop {
    struct loop_options options;
    struct lws_context *context;
    struct lws_vhost *vhost;
    int64_t start_utc_ms, start_mono_ms;
    struct lws_protocols protocols[PROTOCOLS_MAX + 2];
    struct loop_watch timer, signal, wake;
    int64_t armed_mono_ms;     /* when the timer will fire */
    int timer_fd, signal_fd;   /* closed by the context */
    int wake_fd, wake_fd_ours; /* the second is a duplicate that outlives the context */
    bool uses_libev, stopping, in_due;
};

static struct loop *log_target; /* libwebsockets' log function has no argument */

static int64_t clock_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct instant loop_now(const struct loop *l)
{
    struct instant now = { .mono_ms = clock_ms(CLOCK_MONOTONIC) };
    if (l->options.time_factor == 1 && l->options.start_utc_ms == STORE_ABSENT)
        now.utc_ms = clock_ms(CLOCK_REALTIME);
    else
        now.utc_ms = l->start_utc_ms + (now.mono_ms - l->start_mono_ms) * l->options.time_factor;
    return now;
}

static void arm(struct loop *l, int64_t at_mono_ms)
{
    struct itimerspec spec = { .it_value = { .tv_sec = at_mono_ms / 1000,
                                             .tv_nsec = at_mono_ms % 1000 * 1000000 } };
    if (timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0)
        l->armed_mono_ms = at_mono_ms;
}

void loop_run_due(struct loop *l)
{
    if (l->in_due || l->stopping)
        return;
    l->in_due = true;
    struct instant now = loop_now(l);
    int64_t next = l->options.on_due(l->options.arg, now);
    l->in_due = false;
    if (l->stopping)
        return;
    if (next > now.mono_ms + PULSE_MS)
        next = now.mono_ms + PULSE_MS;
    if (next <= now.mono_ms)
        next = now.mono_ms + 1;
    if (next < l->armed_mono_ms || l->armed_mono_ms <= now.mono_ms)
        arm(l, next);
}

/* While stopping, too, what is ready is read: libwebsockets ends in an idle callback of libev,
 * which never comes while a descriptor stays ready. */
static void on_signal_fd(void *arg)
{
    struct loop *l = arg;
    struct signalfd_siginfo info;
    while (read(l->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        if (!l->stopping)
            l->options.on_signal(l->options.arg, (int)info.ssi_signo);
}

static void on_timer_fd(void *arg)
{
    struct loop *l = arg;
    uint64_t n;
    if (read(l->timer_fd, &n, sizeof(n)) == (ssize_t)sizeof(n))
        l->armed_mono_ms = 0;
    loop_run_due(l);
}

static void on_wake_fd(void *arg)
{
    struct loop *l = arg;
    uint64_t n;
    if (read(l->wake_fd, &n, sizeof(n)) == (ssize_t)sizeof(n) && !l->stopping)
        l->options.on_wake(l->options.arg);
    loop_run_due(l);
}

/* A blank in the name: no websocket client can ask for it as a subprotocol. */
static const char WATCHED[] = "nox descriptor";

static int on_watched(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                      size_t len)
{
    struct loop_watch *watch = lws_get_opaque_user_data(wsi);
    (void)user;
    (void)in;
    (void)len;
    if (watch == NULL)
        return 0;
    if (reason == LWS_CALLBACK_RAW_CLOSE_FILE) {
        watch->wsi = NULL;
        lws_set_opaque_user_data(wsi, NULL); /* the last callback goes to the first protocol */
    } else if (reason == LWS_CALLBACK_RAW_RX_FILE)
        watch->on_readable(watch->arg);
    return 0;
}

static void on_lws_log(int level, const char *line)
{
    struct loop *l = log_target;
    char text[400];
    size_t len = strcspn(line, "\n");
    if (l == NULL || l->options.on_log == NULL)
        return;
    if (len >= sizeof(text))
        len = sizeof(text) - 1;
    memcpy(text, line, len);
    text[len] = '\0';
    l->options.on_log(l->options.arg, level == LLL_ERR ? LOOP_ERROR : LOOP_WARNING, text);
}

static void signals_of_ours(sigset_t *ret_set)
{
    sigemptyset(ret_set);
    sigaddset(ret_set, SIGINT);
    sigaddset(ret_set, SIGTERM);
    sigaddset(ret_set, SIGHUP);
}

void loop_prepare(void)
{
    sigset_t set;
    struct rlimit files;
    signals_of_ours(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max < FILES_MAX ? files.rlim_max : FILES_MAX;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static bool context_new(struct loop *l, bool libev)
{
    struct lws_context_creation_info info = { 0 };
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
    if (libev)
        info.options |= LWS_SERVER_OPTION_LIBEV;
    info.user = l;
    info.gid = info.uid = -1; /* do not change the user */
    info.pcontext = &l->context;
    info.pt_serv_buf_size = 65536;
    info.timeout_secs = 10;
    l->context = lws_create_context(&info);
    l->uses_libev = libev;
    return l->context != NULL;
}

bool loop_watch(struct loop *l, int fd, struct loop_watch *watch)
{
    lws_sock_file_fd_type descriptor = { .filefd = fd };
    lws_adopt_desc_t adopted = { .vh = l->vhost,
                                 .type = LWS_ADOPT_RAW_FILE_DESC,
                                 .fd = descriptor,
                                 .vh_prot_name = WATCHED,
                                 .opaque = watch };
    watch->wsi = lws_adopt_descriptor_vhost_via_info(&adopted);
    return watch->wsi != NULL;
}

void loop_watch_pause(struct loop_watch *watch, bool pause)
{
    if (watch->wsi != NULL)
        lws_rx_flow_control(watch->wsi, !pause);
}

void loop_unwatch(struct loop_watch *watch)
{
    if (watch->wsi != NULL)
        lws_set_timeout(watch->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static bool descriptors_new(struct loop *l)
{
    sigset_t set;
    signals_of_ours(&set);
    l->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    l->signal = (struct loop_watch){ .on_readable = on_signal_fd, .arg = l };
    if (l->signal_fd < 0 || !loop_watch(l, l->signal_fd, &l->signal))
        return false;
    l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    l->timer = (struct loop_watch){ .on_readable = on_timer_fd, .arg = l };
    if (l->timer_fd < 0 || !loop_watch(l, l->timer_fd, &l->timer))
        return false;
    l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    l->wake_fd_ours = l->wake_fd >= 0 ? fcntl(l->wake_fd, F_DUPFD_CLOEXEC, 0) : -1;
    l->wake = (struct loop_watch){ .on_readable = on_wake_fd, .arg = l };
    if (l->wake_fd_ours < 0 || !loop_watch(l, l->wake_fd, &l->wake))
        return false;
    arm(l, clock_ms(CLOCK_MONOTONIC) + 1);
    return true;
}

static bool vhost_new(struct loop *l)
{
    static const lws_retry_bo_t no_keepalive = { .secs_since_valid_ping = 0 };
    struct lws_context_creation_info info = { 0 };
    size_t n = 0;
    while (l->options.protocols != NULL && l->options.protocols[n].name != NULL &&
           n < PROTOCOLS_MAX) {
        l->protocols[n] = l->options.protocols[n];
        n++;
    }
    l->protocols[n] = (struct lws_protocols){ .name = WATCHED, .callback = on_watched };
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.vhost_name = "plain";
    info.protocols = l->protocols;
    info.retry_and_idle_policy = &no_keepalive; /* its timers are a sorted list */
    l->vhost = lws_create_vhost(l->context, &info);
    return l->vhost != NULL;
}

struct lws_vhost *loop_vhost(const struct loop *l)
{
    return l->vhost;
}

struct loop *loop_new(const struct loop_options *options, char *ret_text, size_t size)
{
    struct loop *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        snprintf(ret_text, size, "out of memory");
        return NULL;
    }
    l->options = *options;
    l->timer_fd = l->signal_fd = l->wake_fd = l->wake_fd_ours = -1;
    l->start_mono_ms = clock_ms(CLOCK_MONOTONIC);
    l->start_utc_ms =
        options->start_utc_ms != STORE_ABSENT ? options->start_utc_ms : clock_ms(CLOCK_REALTIME);
    log_target = l;
    lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
    if ((options->force_poll || !context_new(l, true)) && !context_new(l, false)) {
        snprintf(ret_text, size, "the event loop could not be made (out of memory?)");
        loop_free(l);
        return NULL;
    }
    if (!l->uses_libev && !options->force_poll)
        options->on_log(options->arg, LOOP_WARNING,
                        "libev's plugin is missing, each wake-up costs O(connections): install "
                        "the Debian package libwebsockets-evlib-ev");
    if (!vhost_new(l) || !descriptors_new(l)) {
        snprintf(ret_text, size, "the event loop could not be made: %s", strerror(errno));
        loop_free(l);
        return NULL;
    }
    return l;
}

void loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    l->stopping = true;
    if (l->context != NULL)
        lws_context_destroy(l->context);
    if (l->wake_fd_ours >= 0)
        close(l->wake_fd_ours);
    lws_set_log_level(0, NULL);
    log_target = NULL;
    free(l);
}

struct lws_context *loop_context(const struct loop *l)
{
    return l->context;
}

const char *loop_backend(const struct loop *l)
{
    return l->uses_libev ? "libev" : "poll";
}

void loop_wake(struct loop *l)
{
    uint64_t one = 1;
    ssize_t written = write(l->wake_fd_ours, &one, sizeof(one));
    (void)written; /* a full counter means that a wake-up is on its way */
}

void loop_run(struct loop *l)
{
    while (!l->stopping && l->context != NULL && lws_service(l->context, 0) >= 0)
        ;
    /* All sockets end here, in either mode: who owns something behind them may free it now. */
    if (l->context != NULL)
        lws_context_destroy(l->context);
}

void loop_stop(struct loop *l)
{
    l->stopping = true;
    if (l->uses_libev)
        lws_context_destroy(l->context); /* the only way out of its loop; pcontext makes it NULL */
}
