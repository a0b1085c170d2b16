#include "tests/storage/street.h"

#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

static void note_change(struct answer *a, const struct store_change *c)
{
    static const char *const kind[] = { [STORE_ADDED] = "added",
                                        [STORE_CHANGED] = "changed",
                                        [STORE_UNCHANGED] = "unchanged" };
    size_t used = strlen(a->changes);
    snprintf(a->changes + used, sizeof(a->changes) - used, "%s %s %s%s%s;", kind[c->kind], c->list,
             c->id, c->detail[0] != '\0' ? " " : "", c->detail);
}

static void plain(void *arg, enum store_rc rc, const union store_result *result)
{
    struct answer *a = arg;
    assert_false(a->came); /* exactly once */
    a->came = true;
    a->rc = rc;
    a->result = *result;
}

static void applied(void *arg, enum store_rc rc, const union store_result *result)
{
    struct answer *a = arg;
    plain(arg, rc, result);
    if (result->apply.error != NULL)
        snprintf(a->error, sizeof(a->error), "%s", result->apply.error);
    for (size_t i = 0; i < result->apply.n_changes; i++)
        note_change(a, &result->apply.change[i]);
}

struct store_done answer_to(struct answer *a)
{
    *a = (struct answer){ .came = false };
    return (struct store_done){ .fn = plain, .arg = a };
}

void street_wait(struct street *s, const struct answer *a)
{
    const struct timespec moment = { .tv_nsec = 200000 };
    for (int i = 0; i < 100000 && !a->came; i++)
        if (store_pump(s->store) == 0 && !a->came)
            nanosleep(&moment, NULL);
    if (!a->came)
        fail_msg("no completion came");
}

static void open_store(struct street *s)
{
    char text[300] = "";
    s->options.path = s->path;
    if (store_open(&s->options, &s->store, text, sizeof(text)) != STORE_OK)
        fail_msg("%s", text);
}

struct store_station a_station(const char *id)
{
    return (struct store_station){ .id = id,
                                   .security_profile = 1,
                                   .grid_node = "N",
                                   .wiring = "RST",
                                   .rating_ma = 16000,
                                   .safe_ma = 6000,
                                   .min_ma = 6000,
                                   .weight = 1,
                                   .tariff = "T",
                                   .district = "Mitte",
                                   .lat_e7 = STORE_ABSENT,
                                   .lon_e7 = STORE_ABSENT };
}

static void fill(struct street *s, size_t n)
{
    static const struct store_grid_node node = { .id = "N", .limit_ma = { 63000, 63000, 63000 } };
    static const struct store_tariff tariff = { .id = "T",
                                                .version = 1,
                                                .currency = "EUR",
                                                .tax_included = true,
                                                .vat_bp = 1900,
                                                .price_e4_per_kwh = 10000,
                                                .blocking_after_s = -1,
                                                .blocking_cap_cents = -1 };
    struct store_station *station = calloc(n + 1, sizeof(*station));
    struct store_connector *connector = calloc(2 * n + 1, sizeof(*connector));
    char(*name)[24] = calloc(n + 1, sizeof(*name));
    assert_true(station != NULL && connector != NULL && name != NULL);
    for (size_t i = 0; i < n; i++) {
        snprintf(name[i], sizeof(name[i]), "CP%zu", i + 1);
        station[i] = a_station(name[i]);
        for (size_t k = 0; k < 2; k++)
            connector[2 * i + k] = (struct store_connector){ .station = name[i],
                                                             .connector = (int32_t)k + 1,
                                                             .max_w = 11040 };
    }
    struct store_site site = { .grid = &node,
                               .n_grid = 1,
                               .station = station,
                               .n_stations = n,
                               .connector = connector,
                               .n_connectors = 2 * n,
                               .tariff = &tariff,
                               .n_tariffs = 1 };
    struct answer a = street_apply(s, &site, false);
    if (a.rc != STORE_OK)
        fail_msg("%s", a.error);
    free(station);
    free(connector);
    free(name);
}

void street_open_with(struct street *s, size_t n_stations, struct store_options options)
{
    *s = (struct street){ .options = options };
    const char *tmp = getenv("TMPDIR");
    snprintf(s->dir, sizeof(s->dir), "%s/nox-street-XXXXXX", tmp != NULL ? tmp : "/tmp");
    assert_non_null(mkdtemp(s->dir));
    snprintf(s->path, sizeof(s->path), "%s/nox.db", s->dir);
    open_store(s);
    fill(s, n_stations);
}

void street_open(struct street *s, size_t n_stations)
{
    street_open_with(s, n_stations, (struct store_options){ .inline_mode = true });
}

void street_reopen(struct street *s)
{
    store_close(s->store);
    open_store(s);
}

void street_close(struct street *s)
{
    static const char *const suffix[] = { "", "-wal", "-shm" };
    char path[200];
    store_close(s->store);
    for (size_t i = 0; i < ARRAY_SIZE(suffix); i++) {
        snprintf(path, sizeof(path), "%s%s", s->path, suffix[i]);
        unlink(path);
    }
    rmdir(s->dir);
}

struct answer street_apply(struct street *s, const struct store_site *site, bool dry_run)
{
    struct answer a;
    struct store_done done = answer_to(&a);
    done.fn = applied;
    assert_true(store_apply(s->store, site, dry_run, done));
    street_wait(s, &a);
    return a;
}

struct answer street_start(struct street *s, const struct store_tx_start *tx)
{
    struct answer a;
    assert_true(store_tx_start(s->store, tx, answer_to(&a)));
    street_wait(s, &a);
    return a;
}

struct answer street_stop(struct street *s, const struct store_tx_stop *tx)
{
    struct answer a;
    assert_true(store_tx_stop(s->store, tx, answer_to(&a)));
    street_wait(s, &a);
    return a;
}

struct answer street_meter(struct street *s, const struct store_meter *row, size_t n)
{
    struct answer a;
    assert_true(store_meter(s->store, row, n, answer_to(&a)));
    street_wait(s, &a);
    return a;
}

struct store_tx_start a_start(const char *station, int32_t meter_wh, int64_t at_ms)
{
    return (struct store_tx_start){ .station = station,
                                    .connector = 1,
                                    .id_tag = "04A1",
                                    .meter_start_wh = meter_wh,
                                    .station_at_ms = at_ms,
                                    .started_at_ms = at_ms,
                                    .received_at_ms = at_ms,
                                    .reservation_id = INT32_MIN,
                                    .auth_status = STORE_AUTH_ACCEPTED };
}

struct store_tx_stop a_stop(const char *station, int64_t tx_id, int32_t meter_wh, int64_t at_ms)
{
    return (struct store_tx_stop){ .station = station,
                                   .tx_id = tx_id,
                                   .id_tag = "04a1",
                                   .meter_stop_wh = meter_wh,
                                   .station_at_ms = at_ms,
                                   .stopped_at_ms = at_ms,
                                   .received_at_ms = at_ms };
}

struct store_meter a_sample(const char *station, int64_t tx_id, int64_t register_wh, int64_t at_ms,
                            const char *raw)
{
    return (struct store_meter){ .station = station,
                                 .connector = 1,
                                 .tx_id = tx_id,
                                 .sampled_at_ms = at_ms,
                                 .received_at_ms = at_ms,
                                 .register_uwh = register_wh * 1000000,
                                 .power_mw = STORE_ABSENT,
                                 .current_ma = { -1, -1, -1 },
                                 .soc_pct = -1,
                                 .raw = raw };
}

static sqlite3 *open_aside(struct street *s)
{
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(s->path, &handle), SQLITE_OK);
    sqlite3_busy_timeout(handle, 5000);
    return handle;
}

int64_t street_number(struct street *s, const char *sql)
{
    sqlite3 *handle = open_aside(s);
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v2(handle, sql, -1, &q, NULL) != SQLITE_OK || sqlite3_step(q) != SQLITE_ROW)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    int64_t number = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    sqlite3_close(handle);
    return number;
}

void street_sql(struct street *s, const char *sql)
{
    sqlite3 *handle = open_aside(s);
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    sqlite3_close(handle);
}

struct reader *street_reader(struct street *s)
{
    struct reader *r = NULL;
    char text[300] = "";
    if (reader_open(s->path, &r, text, sizeof(text)) != STORE_OK)
        fail_msg("%s", text);
    return r;
}
