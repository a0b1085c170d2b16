#include "cmd/noxctl/screen.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/noxctl/stream.h"
#include "ocpp/wire/text.h"

#define ENTER "\033[?1049h\033[?25l\033[?7l\033[2J"
#define LEAVE "\033[?7h\033[?25h\033[?1049l"

struct screen {
    bool has_keys;  /* standard input is a terminal that answers */
    bool has_modes; /* ... whose modes were changed */
    struct termios before;
    sigset_t mask_before;
    int ended_by;   /* signal, 0 = none */
    char typed[64]; /* read and not yet handed out */
    size_t n_typed;
};

/* Handlers can only leave a note; they run while screen_wait() sleeps, at no other time. */
static volatile sig_atomic_t noted_end, noted_resize, noted_stop;

static void note(int signal)
{
    if (signal == SIGWINCH)
        noted_resize = 1;
    else if (signal == SIGTSTP)
        noted_stop = 1;
    else
        noted_end = signal;
}

static const int noted_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP };
enum { N_NOTED = sizeof(noted_signals) / sizeof(noted_signals[0]) };

static void write_all(const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, data, len);
        if (n < 0 && errno != EINTR)
            return;
        data += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

static void enter(struct screen *s)
{
    if (s->has_modes) {
        struct termios raw = s->before;
        raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
        raw.c_cc[VMIN] = 0;
        raw.c_cc[VTIME] = 0;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
    }
    write_all(ENTER, strlen(ENTER));
}

static void leave(struct screen *s)
{
    write_all(LEAVE, strlen(LEAVE));
    if (s->has_modes)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &s->before);
}

struct screen *screen_open(void)
{
    struct screen *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->has_modes = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &s->before) == 0;
    s->has_keys = s->has_modes;
    sigset_t noted;
    sigemptyset(&noted);
    for (size_t i = 0; i < N_NOTED; i++)
        sigaddset(&noted, noted_signals[i]);
    sigprocmask(SIG_BLOCK, &noted, &s->mask_before);
    noted_end = noted_resize = noted_stop = 0;
    struct sigaction action = { .sa_handler = note };
    for (size_t i = 0; i < N_NOTED; i++)
        sigaction(noted_signals[i], &action, NULL);
    enter(s);
    return s;
}

void screen_close(struct screen *s)
{
    if (!s)
        return;
    leave(s);
    for (size_t i = 0; i < N_NOTED; i++)
        signal(noted_signals[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, &s->mask_before, NULL);
    int ended_by = s->ended_by;
    free(s);
    if (ended_by != 0 && ended_by != SIGINT)
        raise(ended_by);
}

void screen_size(const struct screen *s, size_t *ret_columns, size_t *ret_rows)
{
    (void)s;
    struct winsize size = { 0 };
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row;
    *ret_columns = known ? size.ws_col : 80;
    *ret_rows = known ? size.ws_row : 24;
}

void screen_show(struct screen *s, const char *lines, size_t n_rows)
{
    (void)s;
    struct ocpp_text out;
    ocpp_text_init(&out);
    ocpp_text_append_str(&out, "\033[H");
    size_t row = 0;
    for (; row < n_rows && *lines; row++) {
        size_t len = strcspn(lines, "\n");
        if (row > 0)
            ocpp_text_append_str(&out, "\r\n");
        /* Cleared before it is written: behind it, the last sign of a full line would go. */
        ocpp_text_append_str(&out, "\033[K");
        ocpp_text_append(&out, lines, len);
        lines += len + (lines[len] == '\n');
    }
    if (row < n_rows)
        ocpp_text_append_str(&out, "\r\n\033[J");
    write_all(out.data, out.len);
    ocpp_text_done(&out);
}

static const struct {
    const char *sequence;
    int key;
} sequences[] = {
    { "\033[A", SCREEN_KEY_UP },       { "\033OA", SCREEN_KEY_UP },
    { "\033[B", SCREEN_KEY_DOWN },     { "\033OB", SCREEN_KEY_DOWN },
    { "\033[5~", SCREEN_KEY_PAGE_UP }, { "\033[6~", SCREEN_KEY_PAGE_DOWN },
    { "\033[H", SCREEN_KEY_HOME },     { "\033[1~", SCREEN_KEY_HOME },
    { "\033OH", SCREEN_KEY_HOME },     { "\033[F", SCREEN_KEY_END },
    { "\033[4~", SCREEN_KEY_END },     { "\033OF", SCREEN_KEY_END },
};

static void drop_typed(struct screen *s, size_t n)
{
    memmove(s->typed, s->typed + n, s->n_typed - n);
    s->n_typed -= n;
}

/* The first key of what was typed; sequences of several keys may come in one piece. */
static int next_key(struct screen *s)
{
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        size_t len = strlen(sequences[i].sequence);
        if (s->n_typed >= len && memcmp(s->typed, sequences[i].sequence, len) == 0) {
            drop_typed(s, len);
            return sequences[i].key;
        }
    }
    bool unknown = s->typed[0] == '\033'; /* some other key: drop all of it */
    int key = unknown ? SCREEN_KEY_OTHER : (unsigned char)s->typed[0];
    drop_typed(s, unknown ? s->n_typed : 1);
    return key;
}

static bool read_typed(struct screen *s)
{
    ssize_t n = read(STDIN_FILENO, s->typed + s->n_typed, sizeof(s->typed) - s->n_typed);
    if (n > 0)
        s->n_typed += (size_t)n;
    else if (n == 0 || errno != EINTR)
        s->has_keys = false; /* the terminal has gone */
    return s->n_typed > 0;
}

/* Ctrl-Z: give the terminal back and stop; go on when the shell says so. */
static void stop(struct screen *s)
{
    noted_stop = 0;
    leave(s);
    raise(SIGSTOP);
    enter(s);
}

static enum screen_event take_note(struct screen *s)
{
    if (noted_end) {
        s->ended_by = noted_end;
        return SCREEN_ENDED;
    }
    if (noted_stop)
        stop(s);
    noted_resize = 0;
    return SCREEN_RESIZED;
}

enum screen_event screen_wait(struct screen *s, int64_t deadline_mono_ms, int *ret_key)
{
    if (s->n_typed > 0) {
        *ret_key = next_key(s);
        return SCREEN_KEY;
    }
    int64_t left_ms = deadline_mono_ms - stream_now_mono_ms();
    left_ms = left_ms > 0 ? left_ms : 0;
    struct timespec timeout = { left_ms / 1000, left_ms % 1000 * 1000000 };
    fd_set in;
    FD_ZERO(&in);
    if (s->has_keys)
        FD_SET(STDIN_FILENO, &in);
    int n = pselect(STDIN_FILENO + 1, &in, NULL, NULL, &timeout, &s->mask_before);
    if (noted_end || noted_stop || noted_resize)
        return take_note(s);
    if (n <= 0 || !read_typed(s))
        return SCREEN_NOTHING;
    *ret_key = next_key(s);
    return SCREEN_KEY;
}
