#include "cmd/noxsim/street.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/noxsim/berlin.h"
#include "cmd/noxsim/console.h"
#include "cmd/noxsim/generate.h"
#include "cmd/noxsim/point.h"
#include "cmd/noxsim/report.h"
#include "cmd/noxsim/rng.h"
#include "cmd/noxsim/state.h"
#include "ocpp/wire/enums.h"

#define HOUR_MS INT64_C(3600000)

enum {
    CONNECT_GAP_US = 400, /* between two stations: a smooth beginning */
    SAMPLE_MS = 1000,
    SAMPLE_REAL_MS = 10, /* not more often */
    PROGRESS_REAL_US = 500000,
    PROGRESS_LINE_REAL_US = 60000000, /* when stderr is no terminal */
    CHECK_REAL_US = 50000,
    END_REAL_US = 3000000, /* so long may the last messages take */
    STATE_MS = 60000,      /* between two states on disk */
    STATE_REAL_MS = 1000,  /* not more often */
    PLUGGED_REAL_MS = 300, /* the first cars come when most stations are there */
    WARNINGS_MAX = 10,
    REPLAY_INTERVAL_S = 900,
    TIMES_WITHOUT_HASTE = 100, /* warp from which StatusNotification goes without a time stamp */
    WAIT_WORTH_TELLING_S = 120,
};

struct street {
    const struct options *o;
    struct env env;
    struct site site;
    struct recording recording;
    struct console *console; /* station */
    struct point **point;
    size_t n;
    struct rng rng;
    double arrivals_per_hour;
    struct timer arrival, plugged, sample, state, end;
    FILE *trace;
    int64_t start_us, next_progress_us, next_check_us;
    int64_t end_by_us; /* 0 = it goes on */
    unsigned n_warnings;
    bool is_terminal, all_accepted_told, replay_told, is_interrupted;
};

/* --- the fleet --- */

static struct report_fleet count_fleet(const struct street *s)
{
    struct report_fleet f = { .stations = s->n,
                              .simulated_s = s->env.now_ms / 1000,
                              .real_ms = (ws_now_us() - s->start_us) / 1000,
                              .replay_wanted = s->recording.n };
    for (size_t i = 0; i < s->n; i++) {
        const struct point *p = s->point[i];
        f.accepted += point_is_accepted(p);
        f.queued += point_waiting(p);
        for (size_t k = 0; k < point_outlets(p); k++) {
            f.cars += point_has_car(p, k);
            f.charging += point_is_charging(p, k);
        }
    }
    return f;
}

static int64_t utc_ms(const struct street *s)
{
    return s->env.now_ms + s->env.utc_offset_ms;
}

/* --- cars that come --- */

/* Who comes home in the evening stays until the morning. */
static int64_t draw_stay(struct street *s)
{
    int64_t local_ms = utc_ms(s) + berlin_offset_h(utc_ms(s)) * HOUR_MS;
    int64_t in_day_ms = local_ms % (24 * HOUR_MS);
    double mean = s->o->stay_hours;
    bool is_evening = in_day_ms >= 17 * HOUR_MS || in_day_ms < 4 * HOUR_MS;
    if (mean <= 0 && is_evening && rng_chance(&s->rng, 0.55)) {
        int64_t leave_ms = (int64_t)(rng_normal(&s->rng, 7.5, 0.8) * (double)HOUR_MS);
        return (leave_ms - in_day_ms + 24 * HOUR_MS) % (24 * HOUR_MS);
    }
    mean = mean > 0 ? mean : 2.3;
    double hours = rng_normal(&s->rng, mean, 0.4 * mean);
    return (int64_t)((hours > mean / 6 ? hours : mean / 6) * (double)HOUR_MS);
}

static const char *draw_tag(struct street *s)
{
    if (s->site.n_tags == 0)
        return "SIMTAG";
    return s->site.tag[rng_range(&s->rng, 0, (int64_t)s->site.n_tags - 1)];
}

static struct point_arrival draw_car(struct street *s)
{
    const struct vehicle_model *model = vehicle_pick(&s->rng, s->o->cars);
    int64_t percent = model->battery_wh / 100;
    struct point_arrival a = { .model = model,
                               .soc_wh = percent * rng_range(&s->rng, 12, 62),
                               .goal_wh = percent * rng_range(&s->rng, 80, 100),
                               .stay_ms = draw_stay(s),
                               .tag = draw_tag(s) };
    return a;
}

/* The k-th of all free outlets, counted along the street. */
static bool find_free(const struct street *s, size_t k, size_t *ret_point, size_t *ret_outlet)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t o = 0; o < point_outlets(s->point[i]); o++)
            if (point_is_free(s->point[i], o) && k-- == 0) {
                *ret_point = i;
                *ret_outlet = o;
                return true;
            }
    return false;
}

static size_t count_free(const struct street *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        for (size_t o = 0; o < point_outlets(s->point[i]); o++)
            n += point_is_free(s->point[i], o);
    return n;
}

static void one_arrives(struct street *s)
{
    struct point_arrival car = draw_car(s);
    size_t n = count_free(s), point, outlet;
    uint64_t choice = rng_next(&s->rng); /* drawn in any case: the next car is the same then */
    if (n > 0 && find_free(s, (size_t)(choice % n), &point, &outlet))
        point_arrive(s->point[point], outlet, &car);
    else
        s->env.counters.turned_away++;
}

static void on_plugged(struct timer *timer, int64_t due_ms)
{
    struct street *s = timer->owner;
    (void)due_ms;
    for (int64_t i = 0; i < s->o->plugged; i++)
        one_arrives(s);
}

static void on_arrival(struct timer *timer, int64_t due_ms)
{
    struct street *s = timer->owner;
    one_arrives(s);
    timer_set(&s->env.timers, timer, due_ms + rng_wait_ms(&s->rng, s->arrivals_per_hour));
}

/* --- samples and the end --- */

static void on_sample(struct timer *timer, int64_t due_ms)
{
    struct street *s = timer->owner;
    grid_sample(&s->env.grid, utc_ms(s), s->trace);
    timer_set(&s->env.timers, timer, due_ms + env_at_least_ms(&s->env, SAMPLE_MS, SAMPLE_REAL_MS));
}

/* What the meters show must not run backwards, also when the next end is a hard one. */
static bool save_state(struct street *s)
{
    return s->o->state == NULL ||
           state_write(s->o->state, &s->site, s->point, s->env.warning, sizeof(s->env.warning));
}

static void on_state(struct timer *timer, int64_t due_ms)
{
    struct street *s = timer->owner;
    save_state(s);
    timer_set(&s->env.timers, timer, due_ms + env_at_least_ms(&s->env, STATE_MS, STATE_REAL_MS));
}

static void on_end(struct timer *timer, int64_t due_ms)
{
    struct street *s = timer->owner;
    (void)due_ms;
    ws_stop(s->env.ws);
}

static bool replay_is_over(const struct street *s)
{
    const struct counters *c = &s->env.counters;
    if (c->stops_confirmed + c->given_up < s->recording.n)
        return false;
    for (size_t i = 0; i < s->n; i++) {
        if (!point_is_quiet(s->point[i]))
            return false;
        for (size_t o = 0; o < point_outlets(s->point[i]); o++)
            if (point_replays(s->point[i], o))
                return false;
    }
    return true;
}

/* Nobody comes any more, all sessions are stopped; the oracle has seen enough. */
static void begin_end(struct street *s)
{
    s->end_by_us = ws_now_us() + END_REAL_US;
    timer_cancel(&s->env.timers, &s->arrival);
    timer_cancel(&s->env.timers, &s->plugged);
    timer_cancel(&s->env.timers, &s->sample);
    for (size_t i = 0; i < s->n; i++)
        point_end(s->point[i]);
}

static bool has_ended(const struct street *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!point_has_ended(s->point[i]))
            return false;
    return true;
}

/* --- what people see --- */

static void say(struct street *s, const char *text)
{
    if (s->o->quiet)
        return;
    fprintf(stderr, "%snoxsim: %s\n", s->is_terminal ? "\r\033[K" : "", text);
}

static void tell_warning(struct street *s)
{
    if (s->env.warning[0] == '\0')
        return;
    if (s->n_warnings < WARNINGS_MAX)
        say(s, s->env.warning);
    else if (s->n_warnings == WARNINGS_MAX)
        say(s, "further warnings are only counted, see the summary");
    s->n_warnings++;
    s->env.warning[0] = '\0';
}

static void tell_accepted(struct street *s)
{
    char text[100];
    struct report_fleet f = count_fleet(s);
    if (s->all_accepted_told || f.accepted < f.stations)
        return;
    s->all_accepted_told = true;
    snprintf(text, sizeof(text), "all %zu stations are accepted after %lld.%02lld s", f.stations,
             (long long)(f.real_ms / 1000), (long long)(f.real_ms % 1000 / 10));
    say(s, text);
}

/* Nobody should wait for years because a clock was not set. */
static void tell_replay_wait(struct street *s)
{
    char text[240], there[20], first[20];
    if (s->replay_told || !s->env.utc_known || s->recording.n == 0)
        return;
    s->replay_told = true;
    int64_t wait_s = (s->recording.session[0].begin_ms - utc_ms(s)) / 1000 / s->env.warp;
    if (wait_s < WAIT_WORTH_TELLING_S)
        return;
    berlin_format(utc_ms(s), there, sizeof(there));
    berlin_format(s->recording.session[0].begin_ms, first, sizeof(first));
    snprintf(text, sizeof(text),
             "the central system's clock says %s, the first session begins at %s: that takes %lld "
             "minutes; start noxd with --time-start a few days before it",
             there, first, (long long)(wait_s / 60));
    say(s, text);
}

static void on_look(struct street *s, int64_t now_us)
{
    tell_accepted(s);
    tell_replay_wait(s);
    if (s->console != NULL && s->end_by_us == 0 && console_run(s->console))
        begin_end(s);
    if (s->o->command == COMMAND_REPLAY && replay_is_over(s))
        ws_stop(s->env.ws);
    if (s->end_by_us > 0 && (now_us >= s->end_by_us || has_ended(s)))
        ws_stop(s->env.ws);
    if (s->o->quiet || s->console != NULL || now_us < s->next_progress_us)
        return;
    struct report_fleet f = count_fleet(s);
    report_progress(&s->env, &f, s->is_terminal);
    s->next_progress_us = now_us + (s->is_terminal ? PROGRESS_REAL_US : PROGRESS_LINE_REAL_US);
}

/* --- time --- */

static int64_t simulated_ms(const struct street *s, int64_t real_us)
{
    return (int64_t)((double)(real_us - s->start_us) * (double)s->env.warp / 1000.0);
}

/* Everything that is due happens at its own instant and in its order, however late we are. */
static int64_t on_due(void *arg)
{
    struct street *s = arg;
    int64_t now_us = ws_now_us(), until_ms = simulated_ms(s, now_us);
    while (timers_next(&s->env.timers) <= until_ms) {
        int64_t due_ms = timers_next(&s->env.timers);
        if (due_ms > s->env.now_ms)
            s->env.now_ms = due_ms;
        timers_fire_first(&s->env.timers);
    }
    if (until_ms > s->env.now_ms)
        s->env.now_ms = until_ms;
    tell_warning(s);
    if (now_us >= s->next_check_us) {
        s->next_check_us = now_us + CHECK_REAL_US;
        on_look(s, now_us);
    }
    int64_t next_ms = timers_next(&s->env.timers);
    int64_t next_us = next_ms >= TIME_NEVER
                          ? INT64_MAX
                          : s->start_us + (next_ms / s->env.warp) * 1000 +
                                (next_ms % s->env.warp * 1000 + s->env.warp - 1) / s->env.warp;
    return next_us < s->next_check_us ? next_us : s->next_check_us;
}

static int64_t street_utc_ms(void *arg)
{
    return utc_ms(arg);
}

static void on_input(void *arg)
{
    struct street *s = arg;
    if (console_on_input(s->console))
        ws_forget_input(s->env.ws);
}

static void on_signal(void *arg, int signal)
{
    struct street *s = arg;
    (void)signal;
    if ((s->o->command != COMMAND_RUN && s->o->command != COMMAND_STATION) || s->is_interrupted)
        ws_stop(s->env.ws); /* asked twice: at once */
    else
        begin_end(s);
    s->is_interrupted = true;
}

static void on_up(void *owner)
{
    point_on_up(owner);
}

static void on_text(void *owner, const char *text, size_t len)
{
    point_on_text(owner, text, len);
}

static void on_down(void *owner, const char *why)
{
    point_on_down(owner, why);
}

/* --- setting up --- */

static int fail(const char *text)
{
    fprintf(stderr, "noxsim: %s\n", text);
    return 1;
}

static int64_t wall_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool name_station(struct street *s)
{
    struct site_station *station = &s->site.station[0];
    free(station->id);
    station->id = strdup(s->o->id);
    station->key = s->o->key != NULL ? strdup(s->o->key) : NULL;
    for (int32_t i = 1; i < s->o->connectors; i++)
        station->number[station->n_connectors++] = i + 1;
    return station->id != NULL && (station->key != NULL || s->o->key == NULL);
}

static bool load_site(struct street *s, char *text, size_t size)
{
    const struct options *o = s->o;
    size_t n_keys;
    if (o->command == COMMAND_STATION)
        return site_make(1, &s->site) && name_station(s);
    if (o->site == NULL ? !site_make((size_t)o->stations, &s->site)
                        : !site_read(o->site, wall_clock_ms(), &s->site, text, size))
        return false;
    if (o->stations > 0 && !site_resize(&s->site, (size_t)o->stations)) {
        snprintf(text, size, "out of memory");
        return false;
    }
    return o->keys == NULL || site_read_keys(&s->site, o->keys, &n_keys, text, size);
}

static const char *usable_tag(const struct site *site, uint64_t user)
{
    size_t k = site->n_usable_tags > 0 ? user % site->n_usable_tags : 0;
    for (size_t i = 0; i < site->n_tags; i++)
        if (site->tag_usable[i] && k-- == 0)
            return site->tag[i];
    return "SIMTAG";
}

static bool load_recording(struct street *s, char *text, size_t size)
{
    const struct options *o = s->o;
    size_t n_lamps = 0;
    if (o->command != COMMAND_REPLAY)
        return true;
    if (!recording_read(o->file, o->month, (size_t)o->sessions, &s->recording, text, size))
        return false;
    if (!recording_assign(&s->recording, 0, &n_lamps) || s->recording.n == 0) {
        snprintf(text, size, "%s has no sessions that end in %s", o->file,
                 o->month != NULL ? o->month : "any month");
        return false;
    }
    if (n_lamps > s->site.n_stations) {
        snprintf(text, size, "%zu cars are there at once, but %s has only %zu stations", n_lamps,
                 o->site, s->site.n_stations);
        return false;
    }
    for (size_t i = 0; i < s->recording.n; i++)
        s->recording.session[i].tag = usable_tag(&s->site, s->recording.session[i].user);
    return true;
}

static bool open_trace(struct street *s, char *text, size_t size)
{
    if (s->o->trace == NULL)
        return true;
    s->trace = fopen(s->o->trace, "w");
    if (s->trace == NULL) {
        snprintf(text, size, "--trace: %s cannot be written: %s", s->o->trace, strerror(errno));
        return false;
    }
    grid_trace_header(s->trace);
    return true;
}

static bool take_urls(struct street *s, char *text, size_t size)
{
    struct env *env = &s->env;
    if (!ws_url_parse(s->o->url, &env->url[0], text, size))
        return false;
    env->n_urls = 1;
    if (s->o->url2 == NULL)
        return true;
    env->n_urls = 2;
    if (!ws_url_parse(s->o->url2, &env->url[1], text, size))
        return false;
    if (env->url[0].tls == env->url[1].tls)
        snprintf(text, size, "of two --url one is of ws and one of wss");
    return env->url[0].tls != env->url[1].tls;
}

static bool open_sockets(struct street *s, char *text, size_t size)
{
    struct ws_options options = { .ca_file = s->o->ca,
                                  .arg = s,
                                  .on_due = on_due,
                                  .utc_ms = street_utc_ms,
                                  .on_signal = on_signal,
                                  .on_up = on_up,
                                  .on_text = on_text,
                                  .on_down = on_down };
    if (!take_urls(s, text, size))
        return false;
    if (s->o->command == COMMAND_STATION)
        options.on_input = on_input;
    memcpy(options.url, s->env.url, sizeof(options.url));
    options.n_urls = s->env.n_urls;
    s->env.ws = ws_new(&options, text, size);
    return s->env.ws != NULL;
}

static bool make_points(struct street *s)
{
    s->n = s->site.n_stations;
    s->point = calloc(s->n + 1, sizeof(struct point *));
    for (size_t i = 0; s->point != NULL && i < s->n; i++) {
        struct point_options options = {
            .env = &s->env,
            .site = &s->site.station[i],
            .seed = (uint64_t)s->o->seed,
            .connect_ms = (int64_t)i * CONNECT_GAP_US * s->env.warp / 1000,
            .calm_ms = s->o->settle_s * 1000,
            .fails_install = (int64_t)i < s->o->bad_firmware,
        };
        s->point[i] = point_new(&options);
        if (s->point[i] == NULL)
            return false;
    }
    return s->point != NULL;
}

static void plan(struct street *s)
{
    const struct options *o = s->o;
    s->arrival = (struct timer){ .fire = on_arrival, .owner = s };
    s->sample = (struct timer){ .fire = on_sample, .owner = s };
    s->plugged = (struct timer){ .fire = on_plugged, .owner = s };
    s->state = (struct timer){ .fire = on_state, .owner = s };
    s->end = (struct timer){ .fire = on_end, .owner = s };
    s->arrivals_per_hour = o->arrivals_per_hour;
    if (s->arrivals_per_hour < 0)
        s->arrivals_per_hour = (double)s->n / 2;
    if (o->command == COMMAND_RUN && s->arrivals_per_hour > 0)
        timer_set(&s->env.timers, &s->arrival,
                  o->settle_s * 1000 + rng_wait_ms(&s->rng, s->arrivals_per_hour));
    if (o->plugged > 0)
        timer_set(&s->env.timers, &s->plugged,
                  o->settle_s * 1000 + env_at_least_ms(&s->env, 1000, PLUGGED_REAL_MS));
    if (o->state != NULL)
        timer_set(&s->env.timers, &s->state, env_at_least_ms(&s->env, STATE_MS, STATE_REAL_MS));
    timer_set(&s->env.timers, &s->sample, SAMPLE_MS);
    if (o->duration_s > 0)
        timer_set(&s->env.timers, &s->end, o->duration_s * 1000);
    bool *begun = calloc(s->n + 1, sizeof(*begun));
    for (size_t i = 0; begun != NULL && i < s->recording.n; i++) {
        const struct recorded *r = &s->recording.session[i];
        if (!begun[r->lamp])
            point_replay(s->point[r->lamp], 0, r);
        begun[r->lamp] = true;
    }
    free(begun);
}

static void set_up_security(struct street *s)
{
    const struct options *o = s->o;
    struct env *env = &s->env;
    env->key_store = o->key_store;
    env->ca_file = o->ca;
    env->manufacturer_file = o->manufacturer_ca;
    env->manufacturer_crl_file = o->manufacturer_crl;
    env->cpo_name = o->cpo_name;
    env->serial_prefix = o->serial_prefix;
    env->security_profile = o->security_profile;
    env->uses_rsa = o->csr_key != NULL && strcmp(o->csr_key, "rsa") == 0;
    env->hash_algorithm = o->hash == NULL || strcmp(o->hash, "sha256") == 0
                              ? OCPP_HASH_ALGORITHM_SHA256
                          : strcmp(o->hash, "sha384") == 0 ? OCPP_HASH_ALGORITHM_SHA384
                                                           : OCPP_HASH_ALGORITHM_SHA512;
    env->checks_roots = o->root_check;
    env->signed_firmware_only = o->signed_firmware_only;
    env->tells_security = o->security_events || o->key_store != NULL;
    if (o->key_store != NULL)
        mkdir(o->key_store, 0700);
}

static void set_up_env(struct street *s)
{
    const struct options *o = s->o;
    s->env.warp = o->time_warp;
    s->env.faults = o->faults;
    s->env.status_has_time = o->time_warp < TIMES_WITHOUT_HASTE;
    s->env.min_sample_interval_s = (int32_t)(o->meter_interval_s > 0        ? o->meter_interval_s
                                             : o->command == COMMAND_REPLAY ? REPLAY_INTERVAL_S
                                                                            : 1);
    set_up_security(s);
    s->env.profile_limits = (struct profile_limits){
        .max_profiles = (int32_t)o->max_profiles,
        .max_periods = (int32_t)o->max_periods,
        .refuses_amperes = o->rate_unit != NULL && strcmp(o->rate_unit, "W") == 0,
        .refuses_watts = o->rate_unit != NULL && strcmp(o->rate_unit, "A") == 0,
        .switches_phases = o->switch_3to1,
    };
    s->env.quirks = o->quirks;
    s->env.list_max = o->list_max;
    s->env.list_per_message = o->list_per_message;
    s->env.vendor = o->vendor;
    s->env.model = o->model;
    s->env.firmware = o->firmware;
    s->env.utc_offset_ms = wall_clock_ms();
    s->is_terminal = isatty(STDERR_FILENO);
    rng_init(&s->rng, (uint64_t)o->seed, "arrivals");
}

static bool make_console(struct street *s)
{
    if (s->o->command != COMMAND_STATION)
        return true;
    s->console = console_new(&s->env, s->point[0]);
    s->env.shows_frames = true;
    s->env.on_request = console_on_request;
    s->env.on_request_arg = s->console;
    return s->console != NULL;
}

static bool set_up(struct street *s, char *text, size_t size)
{
    set_up_env(s);
    snprintf(text, size, "out of memory");
    return load_site(s, text, size) && load_recording(s, text, size) &&
           grid_init(&s->env.grid, &s->site) && open_trace(s, text, size) &&
           open_sockets(s, text, size) && make_points(s) && make_console(s) &&
           (s->o->state == NULL || state_read(s->o->state, &s->site, s->point, text, size));
}

static void tear_down(struct street *s)
{
    ws_free(s->env.ws);
    console_free(s->console);
    for (size_t i = 0; s->point != NULL && i < s->n; i++)
        point_free(s->point[i]);
    free(s->point);
    timers_done(&s->env.timers);
    grid_done(&s->env.grid);
    recording_done(&s->recording);
    site_done(&s->site);
    if (s->trace != NULL)
        fclose(s->trace);
}

static int finish(struct street *s)
{
    struct report_fleet f = count_fleet(s);
    const struct counters *c = &s->env.counters;
    char text[300];
    if (s->console != NULL)
        return save_state(s) && !console_failed(s->console) ? 0 : 1;
    if (!s->o->quiet) {
        if (s->is_terminal)
            fputs("\r\033[K", stderr);
        report_people(&s->env, &f);
    }
    if (!save_state(s))
        return fail(s->env.warning);
    if (!report_json(&s->env, &f, s->o->report)) {
        snprintf(text, sizeof(text), "--report: %s cannot be written: %s", s->o->report,
                 strerror(errno));
        return fail(text);
    }
    if (s->o->command == COMMAND_REPLAY && !s->is_interrupted &&
        (c->stops_confirmed != s->recording.n || c->given_up > 0))
        return fail("not every session was confirmed by the central system");
    if (c->boots == 0 && !s->is_interrupted)
        return fail("the central system accepted no station");
    return 0;
}

int street_run(const struct options *options)
{
    struct street s = { .o = options };
    char text[300];
    int code;
    ws_prepare();
    if (!set_up(&s, text, sizeof(text))) {
        code = fail(text);
    } else {
        s.start_us = ws_now_us();
        s.next_progress_us = s.start_us + (s.is_terminal ? 0 : PROGRESS_LINE_REAL_US);
        plan(&s);
        ws_run(s.env.ws);
        code = finish(&s);
    }
    tear_down(&s);
    return code;
}
