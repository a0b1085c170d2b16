#include "storage/billing/cdr.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "storage/billing/calendar.h"
#include "storage/billing/tariff.h"
#include "storage/conn.h"

#define HASH_HEX 64

/* One row of the table.  Texts are lent, mostly by the statement they were read with. */
struct cdr {
    int64_t tx_id, ref_no;
    const char *kind, *booking_period, *service_period;
    int64_t started_at_ms, stopped_at_ms, meter_start_wh, meter_stop_wh;
    int64_t energy_wh, energy_cents, blocking_min, blocking_cents, other_cents;
    int64_t gross_cents, net_cents, vat_cents, vat_bp, price_e4_per_kwh;
    const char *currency, *tariff;
    int64_t tariff_version;
    const char *value_state, *meter_serial;
    int64_t flags;
    const char *evse_id, *district, *operator_id, *reason;
    int64_t created_at_ms, no;
    const char *id;
};

/* The columns in the order of the statements (CDR_COLUMNS) and of the hash. */
enum column_kind { TEXT, INTEGER, AMOUNT /* an integer that a credit negates */ };
#define COLUMN(kind, member)               \
    {                                      \
        kind, offsetof(struct cdr, member) \
    }
static const struct column {
    enum column_kind kind;
    size_t offset;
} columns[] = {
    COLUMN(INTEGER, tx_id),
    COLUMN(TEXT, kind),
    COLUMN(INTEGER, ref_no),
    COLUMN(TEXT, booking_period),
    COLUMN(TEXT, service_period),
    COLUMN(INTEGER, started_at_ms),
    COLUMN(INTEGER, stopped_at_ms),
    COLUMN(INTEGER, meter_start_wh),
    COLUMN(INTEGER, meter_stop_wh),
    COLUMN(AMOUNT, energy_wh),
    COLUMN(AMOUNT, energy_cents),
    COLUMN(AMOUNT, blocking_min),
    COLUMN(AMOUNT, blocking_cents),
    COLUMN(AMOUNT, other_cents),
    COLUMN(AMOUNT, gross_cents),
    COLUMN(AMOUNT, net_cents),
    COLUMN(AMOUNT, vat_cents),
    COLUMN(INTEGER, vat_bp),
    COLUMN(INTEGER, price_e4_per_kwh),
    COLUMN(TEXT, currency),
    COLUMN(TEXT, tariff),
    COLUMN(INTEGER, tariff_version),
    COLUMN(TEXT, value_state),
    COLUMN(TEXT, meter_serial),
    COLUMN(INTEGER, flags),
    COLUMN(TEXT, evse_id),
    COLUMN(TEXT, district),
    COLUMN(TEXT, operator_id),
    COLUMN(TEXT, reason),
    COLUMN(INTEGER, created_at_ms),
    COLUMN(INTEGER, no),
    COLUMN(TEXT, id),
};
#define N_COLUMNS ((int)(sizeof(columns) / sizeof(columns[0])))

static const char **text_of(struct cdr *cdr, int i)
{
    return (const char **)(void *)((char *)cdr + columns[i].offset);
}

static int64_t *integer_of(struct cdr *cdr, int i)
{
    return (int64_t *)(void *)((char *)cdr + columns[i].offset);
}

static void read_row(sqlite3_stmt *q, struct cdr *ret_cdr)
{
    for (int i = 0; i < N_COLUMNS; i++) {
        if (columns[i].kind == TEXT)
            *text_of(ret_cdr, i) = column_text(q, i);
        else
            *integer_of(ret_cdr, i) = column_int(q, i);
    }
}

static void negate(struct cdr *cdr)
{
    for (int i = 0; i < N_COLUMNS; i++)
        if (columns[i].kind == AMOUNT)
            *integer_of(cdr, i) = -*integer_of(cdr, i);
}

/* --- the hash: SHA-256 over the predecessor's hash and every column as "length:text," --- */

static bool hash_field(EVP_MD_CTX *ctx, const char *text)
{
    char head[24];
    if (text == NULL)
        return EVP_DigestUpdate(ctx, "-,", 2) == 1;
    int n = snprintf(head, sizeof(head), "%zu:", strlen(text));
    return EVP_DigestUpdate(ctx, head, (size_t)n) == 1 &&
           EVP_DigestUpdate(ctx, text, strlen(text)) == 1 && EVP_DigestUpdate(ctx, ",", 1) == 1;
}

static bool hash_column(EVP_MD_CTX *ctx, struct cdr *cdr, int i)
{
    char number[24];
    if (columns[i].kind == TEXT)
        return hash_field(ctx, *text_of(cdr, i));
    int64_t value = *integer_of(cdr, i);
    if (value == STORE_ABSENT)
        return hash_field(ctx, NULL);
    snprintf(number, sizeof(number), "%lld", (long long)value);
    return hash_field(ctx, number);
}

static bool hash_row(struct cdr *cdr, const char *prev_hash, char ret_hash[HASH_HEX + 1])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
                hash_field(ctx, prev_hash);
    for (int i = 0; good && i < N_COLUMNS; i++)
        good = hash_column(ctx, cdr, i);
    good = good && EVP_DigestFinal_ex(ctx, digest, &size) == 1;
    EVP_MD_CTX_free(ctx);
    for (unsigned int i = 0; good && i < size && i < HASH_HEX / 2; i++)
        snprintf(ret_hash + 2 * i, 3, "%02x", digest[i]);
    return good;
}

/* --- months --- */

static void next_month(const char *month, char ret_month[8])
{
    int64_t from_ms = 0, to_ms = 0;
    bool is_month = cal_month_range(month, &from_ms, &to_ms);
    assert(is_month);
    (void)is_month;
    cal_month(to_ms, ret_month);
}

/* The month itself while it is open, else the one after the last that is closed: months are closed
 * in order. */
static enum store_rc open_month(struct store_conn *db, const char *wanted, char ret_month[8])
{
    sqlite3_stmt *q = conn_stmt(db, STMT_PERIOD_LAST_CLOSED);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    const char *closed = column_text(q, 0);
    if (closed != NULL && strcmp(wanted, closed) <= 0)
        next_month(closed, ret_month);
    else
        snprintf(ret_month, 8, "%s", wanted);
    store_reset(q);
    return STORE_OK;
}

/* --- writing one row --- */

static enum store_rc insert(struct store_conn *db, struct cdr *cdr, const char *prev_hash)
{
    char hash[HASH_HEX + 1];
    if (!hash_row(cdr, prev_hash, hash))
        return STORE_IO;
    sqlite3_stmt *q = conn_stmt(db, STMT_CDR_INSERT);
    for (int i = 0; i < N_COLUMNS; i++) {
        if (columns[i].kind == TEXT)
            bind_text(q, i + 1, *text_of(cdr, i));
        else
            bind_int(q, i + 1, *integer_of(cdr, i));
    }
    bind_text(q, N_COLUMNS + 1, prev_hash);
    bind_text(q, N_COLUMNS + 2, hash);
    return store_step_done(db, q);
}

/* Gives the next number, and with it the id, and writes. */
static enum store_rc append(struct store_conn *db, struct cdr *cdr)
{
    char id[40], prev_hash[HASH_HEX + 1] = "";
    sqlite3_stmt *q = conn_stmt(db, STMT_CDR_LAST);
    cdr->no = 1;
    enum store_rc rc = store_step_row(db, q);
    if (rc == STORE_OK) {
        cdr->no = sqlite3_column_int64(q, 0) + 1;
        snprintf(prev_hash, sizeof(prev_hash), "%s", column_text(q, 1));
        store_reset(q);
    } else if (rc != STORE_MISSING) {
        return rc;
    }
    assert(cdr->gross_cents == cdr->net_cents + cdr->vat_cents);
    snprintf(id, sizeof(id), "C-%.4s-%06lld", cdr->booking_period, (long long)cdr->no);
    cdr->id = id;
    return insert(db, cdr, prev_hash);
}

/* --- from a session to amounts --- */

struct ended {
    int64_t state, flags, started_at_ms, stopped_at_ms, meter_start_wh, meter_stop_wh;
    const char *tariff;
    int64_t tariff_version;
    const char *meter_serial, *evse_id, *district, *operator_id;
};

static void read_session(sqlite3_stmt *q, struct ended *ret_session)
{
    *ret_session = (struct ended){
        .state = column_int(q, 0),
        .flags = column_int(q, 1),
        .started_at_ms = column_int(q, 2),
        .stopped_at_ms = column_int(q, 3),
        .meter_start_wh = column_int(q, 4),
        .meter_stop_wh = column_int(q, 5),
        .tariff = column_text(q, 6),
        .tariff_version = column_int(q, 7),
        .meter_serial = column_text(q, 8),
        .evse_id = column_text(q, 9),
        .district = column_text(q, 10),
        .operator_id = column_text(q, 11),
    };
}

static bool has_good_registers(const struct ended *s)
{
    return (s->flags & (STORE_FLAG_METER_BACKWARDS | STORE_FLAG_METER_MISSING)) == 0 &&
           s->meter_start_wh != STORE_ABSENT && s->meter_stop_wh != STORE_ABSENT &&
           s->meter_stop_wh >= s->meter_start_wh;
}

/* A fee by the minute needs both instants; the end of a provisional session is a guess. */
static bool has_good_times(const struct ended *s)
{
    return s->state == STORE_SESSION_FINISHED &&
           (s->flags &
            (STORE_FLAG_CLOCK_WRONG | STORE_FLAG_TIME_MISSING | STORE_FLAG_STOP_BEFORE_START)) == 0;
}

/* The version that was valid when the session began.  The texts of *ret_tariff are not set. */
static enum store_rc read_tariff(struct store_conn *db, const struct ended *s,
                                 struct store_tariff *ret_tariff, char ret_currency[8])
{
    if (s->tariff == NULL || s->tariff_version == STORE_ABSENT)
        return STORE_OK; /* not billed */
    sqlite3_stmt *q = conn_stmt(db, STMT_TARIFF_VERSION);
    bind_text(q, 1, s->tariff);
    bind_int(q, 2, s->tariff_version);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc == STORE_MISSING ? STORE_CONFLICT : rc;
    snprintf(ret_currency, 8, "%s", column_text(q, 3));
    *ret_tariff = (struct store_tariff){
        .tax_included = sqlite3_column_int(q, 4) != 0,
        .vat_bp = sqlite3_column_int(q, 5),
        .price_e4_per_kwh = sqlite3_column_int(q, 6),
        .flat_cents = sqlite3_column_int(q, 7),
        .blocking_after_s = sqlite3_column_int(q, 8),
        .blocking_e4_per_min = sqlite3_column_int(q, 9),
        .blocking_from_min = sqlite3_column_int(q, 10),
        .blocking_to_min = sqlite3_column_int(q, 11),
        .blocking_cap_cents = sqlite3_column_int(q, 12),
    };
    store_reset(q);
    return STORE_OK;
}

/* A session without energy costs nothing: it shows the attempt, and closes the gap in numbers. */
static struct bill_amounts rate(const struct ended *s, const struct store_tariff *tariff,
                                int64_t energy_wh)
{
    struct bill_amounts amounts = { .gross_cents = 0 };
    if (energy_wh > 0)
        bill_rate(tariff, energy_wh, s->started_at_ms, s->stopped_at_ms, has_good_times(s),
                  &amounts);
    return amounts;
}

static void fill_amounts(struct cdr *cdr, const struct ended *s, const struct store_tariff *tariff)
{
    cdr->energy_wh = has_good_registers(s) ? s->meter_stop_wh - s->meter_start_wh : 0;
    struct bill_amounts a = rate(s, tariff, cdr->energy_wh);
    cdr->energy_cents = a.energy_cents;
    cdr->blocking_min = a.blocking_min;
    cdr->blocking_cents = a.blocking_cents;
    cdr->other_cents = a.flat_cents;
    cdr->gross_cents = a.gross_cents;
    cdr->net_cents = a.net_cents;
    cdr->vat_cents = a.vat_cents;
    cdr->vat_bp = tariff->vat_bp;
    cdr->price_e4_per_kwh = tariff->price_e4_per_kwh;
}

static void fill_session(struct cdr *cdr, const struct ended *s)
{
    cdr->started_at_ms = s->started_at_ms;
    cdr->stopped_at_ms = s->stopped_at_ms;
    cdr->meter_start_wh = s->meter_start_wh;
    cdr->meter_stop_wh = s->meter_stop_wh;
    cdr->tariff = s->tariff;
    cdr->tariff_version = s->tariff_version;
    cdr->value_state = s->state == STORE_SESSION_PROVISIONAL ? "estimated" : "unsigned";
    cdr->meter_serial = s->meter_serial;
    cdr->flags = s->flags;
    cdr->evse_id = s->evse_id;
    cdr->district = s->district;
    cdr->operator_id = s->operator_id;
}

/* kind NULL: the first record of a session. */
static enum store_rc append_session(struct store_conn *db, const struct ended *s, struct cdr *cdr)
{
    char service[8], booking[8], currency[8] = "EUR";
    struct store_tariff tariff = { .tax_included = true, .blocking_after_s = -1 };
    if (s->state == STORE_SESSION_ACTIVE || s->stopped_at_ms == STORE_ABSENT)
        return STORE_CONFLICT;
    enum store_rc rc = read_tariff(db, s, &tariff, currency);
    cal_month(s->stopped_at_ms, service);
    if (rc == STORE_OK)
        rc = open_month(db, service, booking);
    if (rc != STORE_OK)
        return rc;
    if (cdr->kind == NULL)
        cdr->kind = strcmp(booking, service) == 0 ? "normal" : "late";
    cdr->service_period = service;
    cdr->booking_period = booking;
    cdr->currency = currency;
    fill_session(cdr, s);
    fill_amounts(cdr, s, &tariff);
    return append(db, cdr);
}

static enum store_rc record_session(struct store_conn *db, struct cdr *cdr)
{
    struct ended session;
    sqlite3_stmt *q = conn_stmt(db, STMT_CDR_SESSION);
    bind_int(q, 1, cdr->tx_id);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    read_session(q, &session);
    rc = append_session(db, &session, cdr);
    store_reset(q);
    return rc;
}

/* STORE_OK: the live record stands in the statement, which the caller resets. */
static enum store_rc find_live(struct store_conn *db, int64_t tx_id, struct cdr *ret_cdr)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CDR_LIVE);
    bind_int(q, 1, tx_id);
    enum store_rc rc = store_step_row(db, q);
    if (rc == STORE_OK)
        read_row(q, ret_cdr);
    return rc;
}

enum store_rc cdr_make(struct store_conn *db, int64_t tx_id, int64_t now_ms)
{
    struct cdr live, first = { .tx_id = tx_id, .created_at_ms = now_ms };
    enum store_rc rc = find_live(db, tx_id, &live);
    if (rc == STORE_MISSING)
        return record_session(db, &first);
    store_reset(conn_stmt(db, STMT_CDR_LIVE));
    return rc;
}

static enum store_rc append_credit(struct store_conn *db, const struct cdr *original,
                                   int64_t now_ms, const char *reason)
{
    char booking[8];
    enum store_rc rc = open_month(db, original->booking_period, booking);
    if (rc != STORE_OK)
        return rc;
    struct cdr credit = *original;
    negate(&credit);
    credit.kind = "credit";
    credit.ref_no = original->no;
    credit.booking_period = booking;
    credit.created_at_ms = now_ms;
    credit.reason = reason;
    return append(db, &credit);
}

enum store_rc cdr_correct(struct store_conn *db, int64_t tx_id, int64_t now_ms, const char *reason)
{
    struct cdr live, next = { .tx_id = tx_id, .created_at_ms = now_ms, .reason = reason };
    enum store_rc rc = find_live(db, tx_id, &live);
    if (rc == STORE_OK) {
        rc = append_credit(db, &live, now_ms, reason);
        next.kind = "replacement";
        next.ref_no = live.no;
        store_reset(conn_stmt(db, STMT_CDR_LIVE));
    } else if (rc == STORE_MISSING) {
        rc = STORE_OK;
    }
    return rc == STORE_OK ? record_session(db, &next) : rc;
}

static bool fits(sqlite3_stmt *q, int64_t no, const char *prev_hash, char ret_hash[HASH_HEX + 1])
{
    struct cdr cdr;
    read_row(q, &cdr);
    return cdr.no == no && hash_row(&cdr, prev_hash, ret_hash) &&
           strcmp(column_text(q, N_COLUMNS), prev_hash) == 0 &&
           strcmp(column_text(q, N_COLUMNS + 1), ret_hash) == 0;
}

enum store_rc cdr_verify(struct store_conn *db, int64_t *ret_bad_no)
{
    char hash[2][HASH_HEX + 1] = { "", "" };
    int64_t no = 1, bad = 0;
    sqlite3_stmt *q = conn_stmt(db, STMT_CDR_ALL);
    enum store_rc rc;
    while ((rc = store_step_row(db, q)) == STORE_OK) {
        if (!fits(q, no, hash[no % 2 ^ 1], hash[no % 2])) {
            bad = no;
            store_reset(q);
            break;
        }
        no++;
    }
    if (rc != STORE_OK && rc != STORE_MISSING)
        return rc;
    *ret_bad_no = bad;
    return STORE_OK;
}
