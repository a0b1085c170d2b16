/*
 * Token buckets by key, in fixed memory: how often may this identity, this address do that?
 *
 * Pure; time is an argument and may be any clock in milliseconds.  Each key has a bucket of `burst`
 * tokens, filled at `per_s`.  There are a fixed number of buckets: when a new key finds no room,
 * the fullest one nearby is given up, so a flood of new keys can only make the limiter more
 * generous.
 */
#ifndef OCPP_SERVER_LIMITS_H
#define OCPP_SERVER_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limiter;

/** @return NULL when out of memory */
struct limiter *limiter_new(size_t n_keys, int32_t burst, double per_s);
void limiter_free(struct limiter *l);

/** Take one token of the key. @return false when there is none */
bool limiter_take(struct limiter *l, const void *key, size_t len, int64_t now_ms);

/** Is there a token?  Nothing is taken, no bucket is made. */
bool limiter_has(struct limiter *l, const void *key, size_t len, int64_t now_ms);

/* One bucket on its own. */
struct bucket {
    double tokens;
    int64_t at_ms;
};
/** Take `n` tokens. @return false and take nothing when there are fewer */
bool bucket_take(struct bucket *b, double n, double burst, double per_s, int64_t now_ms);

#endif
