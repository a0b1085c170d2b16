/*
 * A database in a file of its own with the street of the worked examples, and sessions in it.
 *
 *   L0017 (Innenstadt-West, tariff T-2026), L0018 (Innenstadt-Nord, T-2026), L0019 (no tariff)
 *
 * T-2026: 0.49 EUR/kWh gross, 0.10 EUR/min after 4 h from 8 to 22 h, at most 12.00 EUR.
 */
#ifndef TESTS_STORAGE_BILLING_LEDGER_H
#define TESTS_STORAGE_BILLING_LEDGER_H

#include "storage/conn.h"
#include "tests/storage/billing/check_billing.h"

struct ledger {
    char path[64];
    struct store_conn db;
};

void ledger_open(struct ledger *l);
void ledger_close(struct ledger *l); /* removes the file */

/* Run SQL; a failure fails the test. */
void ledger_sql(struct ledger *l, const char *sql);
/* Run SQL that must be refused. */
void ledger_refuses(struct ledger *l, const char *why, const char *sql);
/* First column of the first row. */
int64_t ledger_number(struct ledger *l, const char *sql);
void ledger_text(struct ledger *l, const char *sql, char *ret_text, size_t size);

struct visit {
    const char *station;   /* NULL: L0017 */
    const char *from, *to; /* UTC; to NULL: it goes on */
    int64_t begin_wh, end_wh;
    const char *customer; /* NULL: k-17 */
    uint32_t start_flags, stop_flags;
};
/* A whole visit, each message in a transaction of its own.  @return tx_id */
int64_t ledger_visit(struct ledger *l, struct visit visit);
void ledger_stop(struct ledger *l, int64_t tx_id, const struct visit *visit);
/* October 2026: 60 visits, 8 of them corrected. */
void ledger_fill_month(struct ledger *l);

#endif
