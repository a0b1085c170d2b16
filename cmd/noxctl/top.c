#include "cmd/noxctl/top.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/frame.h"
#include "cmd/noxctl/screen.h"

enum { ASK_MS = 3000 };

static size_t env_size(const char *name)
{
    int64_t value;
    const char *text = getenv(name);
    return text && ctl_parse_int(text, &value) && value >= 5 && value <= 10000 ? (size_t)value : 0;
}

/* --- one picture --- */

static enum ctl_exit run_once(struct ctl *ctl)
{
    json_t *top = NULL;
    enum ctl_exit rc = client_get(ctl, &top, "/v1/top");
    if (rc != CTL_OK)
        return rc;
    struct frame_view view = { .columns = ctl->columns ? ctl->columns : 80,
                               .rows = env_size("LINES"),
                               .color = ctl->color,
                               .hint = ctl_flag(ctl, "hint") };
    if (ctl->output == CTL_JSON) {
        rc = ctl_print_json(ctl, top);
    } else {
        struct ocpp_text out;
        struct frame_extent extent;
        ocpp_text_init(&out);
        frame_append(&out, top, &view, &extent);
        fputs(out.data, stdout);
        ocpp_text_done(&out);
    }
    json_decref(top);
    return rc;
}

/* --- live --- */

struct live {
    struct ctl ctl; /* with a shorter timeout */
    struct screen *screen;
    struct frame_view view;
    struct frame_extent extent;
    int64_t interval_ms;
    json_t *top; /* last good answer */
    int64_t answered_mono_ms;
    char trouble[256];
};

static void ask(struct live *l)
{
    struct client_answer answer;
    client_ask(&l->ctl, "GET", "/v1/top", NULL, &answer);
    int64_t now_mono_ms = stream_now_mono_ms();
    l->view.trouble = NULL;
    if (answer.exit == CTL_OK && json_is_object(answer.json)) {
        json_decref(l->top);
        l->top = json_incref(answer.json);
        l->answered_mono_ms = now_mono_ms;
    } else {
        snprintf(l->trouble, sizeof(l->trouble), "No news for %" PRId64 " s, asking again: %.180s",
                 (now_mono_ms - l->answered_mono_ms) / 1000,
                 answer.message[0] ? answer.message : "the answer is not understood");
        l->view.trouble = l->trouble;
    }
    client_answer_done(&answer);
}

static void show(struct live *l)
{
    struct ocpp_text out;
    ocpp_text_init(&out);
    screen_size(l->screen, &l->view.columns, &l->view.rows);
    frame_append(&out, l->top, &l->view, &l->extent);
    if (!out.failed)
        screen_show(l->screen, out.data, l->view.rows);
    ocpp_text_done(&out);
}

static size_t last_first(const struct live *l)
{
    size_t n = l->extent.n_connectors, shown = l->extent.n_shown;
    return n > shown ? n - shown : 0;
}

static void scroll(struct live *l, bool down, size_t by)
{
    size_t last = last_first(l);
    if (down)
        l->view.first = l->view.first + by < last ? l->view.first + by : last;
    else
        l->view.first = l->view.first > by ? l->view.first - by : 0;
}

/* @return false to end */
static bool on_key(struct live *l, int key)
{
    size_t page = l->extent.n_shown > 1 ? l->extent.n_shown - 1 : 1;
    switch (key) {
    case 'q':
    case 'Q':
        return false;
    case 'a':
        l->view.only_cars = !l->view.only_cars;
        l->view.first = 0;
        return true;
    case SCREEN_KEY_UP:
    case 'k':
        scroll(l, false, 1);
        return true;
    case SCREEN_KEY_DOWN:
    case 'j':
        scroll(l, true, 1);
        return true;
    case SCREEN_KEY_PAGE_UP:
        scroll(l, false, page);
        return true;
    case SCREEN_KEY_PAGE_DOWN:
    case ' ':
        scroll(l, true, page);
        return true;
    case SCREEN_KEY_HOME:
        l->view.first = 0;
        return true;
    case SCREEN_KEY_END:
        l->view.first = last_first(l);
        return true;
    default:
        return true;
    }
}

/* Handle what happens until the next picture is due. @return false to end */
static bool wait_until(struct live *l, int64_t due_mono_ms)
{
    for (;;) {
        int key = SCREEN_KEY_OTHER;
        switch (screen_wait(l->screen, due_mono_ms, &key)) {
        case SCREEN_NOTHING:
            if (stream_now_mono_ms() >= due_mono_ms)
                return true;
            break;
        case SCREEN_ENDED:
            return false;
        case SCREEN_KEY:
            if (!on_key(l, key))
                return false;
            show(l);
            break;
        case SCREEN_RESIZED:
            show(l);
            break;
        }
    }
}

static enum ctl_exit run_live(struct ctl *ctl, int64_t interval_s)
{
    struct live l = { .ctl = *ctl, .interval_ms = interval_s * 1000 };
    l.ctl.timeout_ms = ctl->timeout_ms < ASK_MS ? ctl->timeout_ms : ASK_MS;
    l.view =
        (struct frame_view){ .color = ctl->color, .keys = true, .hint = ctl_flag(ctl, "hint") };
    enum ctl_exit rc = client_get(&l.ctl, &l.top, "/v1/top"); /* before the screen is taken */
    if (rc != CTL_OK)
        return rc;
    l.answered_mono_ms = stream_now_mono_ms();
    l.screen = screen_open();
    if (!l.screen) {
        json_decref(l.top);
        return ctl_fail(CTL_FAILED, "out of memory");
    }
    for (int64_t due = l.answered_mono_ms;; ask(&l)) {
        show(&l);
        int64_t now = stream_now_mono_ms();
        due = due + l.interval_ms > now ? due + l.interval_ms : now + l.interval_ms;
        if (!wait_until(&l, due))
            break;
    }
    json_decref(l.top);
    screen_close(l.screen);
    return CTL_OK;
}

enum ctl_exit run_top(struct ctl *ctl)
{
    int64_t interval_s;
    if (!ctl_flag_int(ctl, "interval", 1, 3600, 1, &interval_s))
        return CTL_USAGE;
    if (ctl->output == CTL_CSV)
        return ctl_fail(CTL_USAGE, "top has no CSV; 'noxctl connector list -o csv' has");
    if (ctl_flag(ctl, "once") || ctl->output == CTL_JSON)
        return run_once(ctl);
    if (!ctl->terminal)
        return ctl_fail(CTL_USAGE, "top needs a terminal; --once prints one picture");
    return run_live(ctl, interval_s);
}
