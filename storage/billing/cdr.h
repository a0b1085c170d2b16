/*
 * The ledger of charge detail records: append-only, numbered 1..N without gaps, chained by hashes.
 *
 * Runs in the writer's transaction: if that is rolled back, neither record nor number remains.
 */
#ifndef STORAGE_BILLING_CDR_H
#define STORAGE_BILLING_CDR_H

#include <stdint.h>

#include "storage/store.h"

struct store_conn;

/**
 * Make the record of a session that has ended, in the month of its end (local time); if that is
 * closed, in the next open one as kind "late".  A session that has a live record keeps it.
 *
 * Without usable registers 0 Wh and 0 cents are recorded, and the flags ask for a review.
 * @return STORE_MISSING: no such session; STORE_CONFLICT: it has not ended
 */
enum store_rc cdr_make(struct store_conn *db, int64_t tx_id, int64_t now_ms);

/**
 * Replace the live record by what the session says now: a credit that is its exact negative, and a
 * replacement; both point to it.  A session without a record gets its first one.
 * @param reason  kept with both records; may be NULL
 */
enum store_rc cdr_correct(struct store_conn *db, int64_t tx_id, int64_t now_ms, const char *reason);

/**
 * Compute the hash chain again.
 * @param ret_bad_no  first record that does not fit its hash, its predecessor or its number; 0:
 * none
 */
enum store_rc cdr_verify(struct store_conn *db, int64_t *ret_bad_no);

#endif
