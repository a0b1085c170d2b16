/*
 * A street for the tests of storage/: a database in a temporary folder, some stations, and the
 * operations of the store as calls that wait for their answer.
 */
#ifndef TESTS_STORAGE_STREET_H
#define TESTS_STORAGE_STREET_H

#include "storage/reader.h"
#include "storage/store.h"
#include "tests/storage/billing/check_billing.h"

#define NOON   INT64_C(1792929600000) /* 2026-10-25T12:00:00Z */
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

struct street {
    char dir[128], path[160];
    struct store_options options;
    struct store *store;
};

/* What came back; texts are copied. */
struct answer {
    bool came;
    enum store_rc rc;
    union store_result result;
    char error[400];
    char changes[4000]; /* "added grid A;changed stations CP1 rating_a 16 -> 32;" */
};

/* Stations CP1 ... CPn with connectors 1 and 2, on grid node N; tariff T; inline unless said. */
void street_open(struct street *s, size_t n_stations);
void street_open_with(struct street *s, size_t n_stations, struct store_options options);
void street_close(struct street *s);
/* As after a restart. */
void street_reopen(struct street *s);

/* To be given to a submit function; then street_wait(). */
struct store_done answer_to(struct answer *a);
void street_wait(struct street *s, const struct answer *a);

/* Each waits and fails the test when the submit is refused. */
struct answer street_apply(struct street *s, const struct store_site *site, bool dry_run);
struct answer street_start(struct street *s, const struct store_tx_start *tx);
struct answer street_stop(struct street *s, const struct store_tx_stop *tx);
struct answer street_meter(struct street *s, const struct store_meter *row, size_t n);

/* Usual records, to be changed by the test. */
struct store_tx_start a_start(const char *station, int32_t meter_wh, int64_t at_ms);
struct store_tx_stop a_stop(const char *station, int64_t tx_id, int32_t meter_wh, int64_t at_ms);
struct store_meter a_sample(const char *station, int64_t tx_id, int64_t register_wh, int64_t at_ms,
                            const char *raw);
struct store_station a_station(const char *id);

/* One figure by SQL, past the code under test. */
int64_t street_number(struct street *s, const char *sql);
void street_sql(struct street *s, const char *sql);

struct reader *street_reader(struct street *s);

#endif
