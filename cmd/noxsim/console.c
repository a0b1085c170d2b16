#include "cmd/noxsim/console.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/noxsim/point_manual.h"
#include "ocpp/wire/action.h"

enum {
    INPUT_MAX = 1 << 16,
    WORDS_MAX = 3,
    WAIT_S = 30,
    TICK_MS = 50,
    HEARD_MAX = 32,
    PATIENCE_REAL_MS = 60000, /* for the first answer, once the input has ended */
};

/* A text that must live as long as the station. */
struct kept {
    struct kept *next;
    char text[];
};

struct console {
    struct env *env;
    struct point *point;
    char input[INPUT_MAX];
    size_t len;
    bool has_ended, has_failed, wants_end;
    int64_t hold_ms;              /* simulated: no command before, 0 = none */
    char awaited[40];             /* action, "" = none */
    const char *heard[HEARD_MAX]; /* actions that the central system called since the last wait */
    size_t n_heard;
    struct kept *kept;
    struct timer timer; /* wakes the loop */
};

static void on_timer(struct timer *timer, int64_t due_ms)
{
    struct console *c = timer->owner;
    timer_set(&c->env->timers, timer, due_ms + TICK_MS * c->env->warp);
}

struct console *console_new(struct env *env, struct point *point)
{
    struct console *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return NULL;
    c->env = env;
    c->point = point;
    c->timer = (struct timer){ .fire = on_timer, .owner = c };
    timer_set(&env->timers, &c->timer, 1);
    return c;
}

void console_free(struct console *c)
{
    if (c == NULL)
        return;
    timer_cancel(&c->env->timers, &c->timer);
    while (c->kept != NULL) {
        struct kept *k = c->kept;
        c->kept = k->next;
        free(k);
    }
    free(c);
}

bool console_failed(const struct console *c)
{
    return c->has_failed;
}

bool console_on_input(struct console *c)
{
    ssize_t n = read(STDIN_FILENO, c->input + c->len, sizeof(c->input) - c->len);
    if (n > 0)
        c->len += (size_t)n;
    else if (n == 0 || errno != EAGAIN)
        c->has_ended = true;
    return c->has_ended;
}

/* @return true if it was called since the last wait; what came before it is forgotten */
static bool has_heard(struct console *c, const char *action)
{
    for (size_t i = 0; i < c->n_heard; i++)
        if (strcmp(c->heard[i], action) == 0) {
            c->n_heard -= i + 1;
            memmove(c->heard, c->heard + i + 1, c->n_heard * sizeof(c->heard[0]));
            return true;
        }
    return false;
}

void console_on_request(void *arg, const char *name)
{
    struct console *c = arg;
    const struct ocpp_action *action = ocpp_action_find(name);
    if (action == NULL)
        return;
    if (c->n_heard == HEARD_MAX)
        memmove(c->heard, c->heard + 1, --c->n_heard * sizeof(c->heard[0]));
    c->heard[c->n_heard++] = action->name;
    if (c->awaited[0] == '\0' || !has_heard(c, c->awaited))
        return;
    c->awaited[0] = '\0';
    c->hold_ms = 0;
}

static void complain(struct console *c, const char *what, const char *word)
{
    printf("! %s%s%s\n", what, word[0] != '\0' ? ": " : "", word);
    fflush(stdout);
    c->has_failed = true;
}

static const char *keep(struct console *c, const char *text)
{
    size_t len = strlen(text) + 1;
    struct kept *k = malloc(sizeof(*k) + len);
    if (k == NULL)
        abort();
    memcpy(k->text, text, len);
    k->next = c->kept;
    c->kept = k;
    return k->text;
}

/* --- commands --- */

/* Words 1 and 2 of the line; the last one takes the rest. "" = not given. */
struct line {
    const char *word[WORDS_MAX];
};

static int32_t connector_of(const char *word)
{
    return word[0] == '\0' ? 1 : (int32_t)strtol(word, NULL, 10);
}

static void on_plug(struct console *c, const struct line *l)
{
    if (!point_plug(c->point, connector_of(l->word[1])))
        complain(c, "nothing can be plugged in there", l->word[1]);
}

static void on_unplug(struct console *c, const struct line *l)
{
    if (!point_unplug(c->point, connector_of(l->word[1])))
        complain(c, "there is no car", l->word[1]);
}

static void on_tap(struct console *c, const struct line *l)
{
    if (!point_tap(c->point, connector_of(l->word[2]), keep(c, l->word[1])))
        complain(c, "nobody can begin or stop there now: plug first", l->word[1]);
}

static void on_fault(struct console *c, const struct line *l)
{
    int32_t code = ocpp_enum_value(&ocpp_enum_error_code, l->word[1]);
    if (code <= 0 || !point_fault(c->point, connector_of(l->word[2]), code))
        complain(c, "no such ChargePointErrorCode or connector", l->word[1]);
}

static void on_offline(struct console *c, const struct line *l)
{
    point_offline(c->point, INT64_C(1000) * strtol(l->word[1], NULL, 10));
}

static void on_reboot(struct console *c, const struct line *l)
{
    (void)l;
    point_reboot(c->point);
}

static void on_send(struct console *c, const struct line *l)
{
    json_error_t error;
    json_t *payload = json_loads(l->word[2][0] != '\0' ? l->word[2] : "{}", 0, &error);
    char *text = json_is_object(payload) ? json_dumps(payload, JSON_COMPACT) : NULL;
    json_decref(payload);
    if (text == NULL)
        complain(c, "the payload is no JSON object", l->word[2]);
    else
        point_send_raw(c->point, keep(c, l->word[1]), text);
}

static void hold(struct console *c, int64_t seconds)
{
    c->hold_ms = c->env->now_ms + env_at_least_ms(c->env, 1000 * seconds, TICK_MS);
}

static void on_wait(struct console *c, const struct line *l)
{
    if (has_heard(c, l->word[1]))
        return;
    snprintf(c->awaited, sizeof(c->awaited), "%s", l->word[1]);
    hold(c, l->word[2][0] != '\0' ? strtol(l->word[2], NULL, 10) : WAIT_S);
}

static void on_sleep(struct console *c, const struct line *l)
{
    hold(c, strtol(l->word[1], NULL, 10));
}

static void on_quit(struct console *c, const struct line *l)
{
    (void)l;
    c->wants_end = true;
}

static void on_help(struct console *c, const struct line *l)
{
    (void)c;
    (void)l;
    console_print_help();
}

static const struct command {
    const char *name, *arguments, *summary;
    bool needs_word; /* the first one */
    void (*run)(struct console *c, const struct line *l);
} commands[] = {
    { "plug", "[N]", "a car comes to connector N (1)", false, on_plug },
    { "unplug", "[N]", "it leaves; a session ends with EVDisconnected", false, on_unplug },
    { "tap", "TAG [N]", "a driver presents a tag: begins a session, or ends it", true, on_tap },
    { "fault", "CODE [N]", "the connector reports an error; NoError ends it", true, on_fault },
    { "offline", "S", "the link is cut for S seconds", true, on_offline },
    { "reboot", "", "the station restarts", false, on_reboot },
    { "send", "ACTION JSON", "any request", true, on_send },
    { "wait", "ACTION [S]", "until the central system has called ACTION, S (30) seconds at most",
      true, on_wait },
    { "sleep", "S", "the next command comes later", true, on_sleep },
    { "help", "", "this list", false, on_help },
    { "quit", "", "the end, also of the input", false, on_quit },
};

void console_print_help(void)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        char left[40];
        snprintf(left, sizeof(left), "%s %s", commands[i].name, commands[i].arguments);
        printf("  %-20s %s\n", left, commands[i].summary);
    }
    fflush(stdout);
}

/* Cut the line into words in its place. */
static struct line split(char *text)
{
    struct line l = { .word = { "", "", "" } };
    char *at = text + strspn(text, " \t\r");
    for (int i = 0; i < WORDS_MAX && *at != '\0'; i++) {
        size_t len = i < WORDS_MAX - 1 ? strcspn(at, " \t\r") : strlen(at);
        l.word[i] = at;
        at += len;
        if (*at != '\0')
            *at++ = '\0';
        at += strspn(at, " \t\r");
    }
    return l;
}

static void run_line(struct console *c, char *text)
{
    struct line l = split(text);
    if (l.word[0][0] == '\0' || l.word[0][0] == '#')
        return;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, l.word[0]) != 0)
            continue;
        if (commands[i].needs_word && l.word[1][0] == '\0')
            complain(c, "something is missing", commands[i].arguments);
        else
            commands[i].run(c, &l);
        return;
    }
    complain(c, "no such command, try help", l.word[0]);
}

static bool is_held(struct console *c)
{
    if (c->hold_ms == 0 && !point_is_known(c->point) && c->has_ended &&
        c->env->now_ms > PATIENCE_REAL_MS * c->env->warp) {
        complain(c, "the central system answered no BootNotification", "");
        c->wants_end = true;
    }
    if (c->hold_ms == 0)
        return !point_is_known(c->point);
    if (c->env->now_ms < c->hold_ms)
        return true;
    c->hold_ms = 0;
    if (c->awaited[0] != '\0')
        complain(c, "waited in vain for", c->awaited);
    c->awaited[0] = '\0';
    return false;
}

bool console_run(struct console *c)
{
    while (!c->wants_end && !is_held(c)) {
        char *end = memchr(c->input, '\n', c->len);
        if (end == NULL && c->len == sizeof(c->input)) {
            complain(c, "the line is too long", "");
            c->len = 0;
        }
        if (end == NULL)
            return c->has_ended;
        *end = '\0';
        run_line(c, c->input);
        c->len -= (size_t)(end + 1 - c->input);
        memmove(c->input, end + 1, c->len);
    }
    return c->wants_end;
}
