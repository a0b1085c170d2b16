/* Token buckets. */
#include "ocpp/server/limits.h"

#include <stdlib.h>

enum { NEIGHBOURS = 4 };

struct slot {
    uint64_t key; /* 0 = never used */
    struct bucket bucket;
};

struct limiter {
    size_t n;
    double burst, per_s;
    struct slot slot[];
};

struct limiter *limiter_new(size_t n_keys, int32_t burst, double per_s)
{
    size_t n = n_keys < NEIGHBOURS ? NEIGHBOURS : n_keys;
    struct limiter *l = calloc(1, sizeof(*l) + n * sizeof(l->slot[0]));
    if (l == NULL)
        return NULL;
    l->n = n;
    l->burst = burst;
    l->per_s = per_s;
    return l;
}

void limiter_free(struct limiter *l)
{
    free(l);
}

static void refill(struct bucket *b, double burst, double per_s, int64_t now_ms)
{
    if (now_ms > b->at_ms)
        b->tokens += (double)(now_ms - b->at_ms) * per_s / 1000;
    if (b->tokens > burst)
        b->tokens = burst;
    b->at_ms = now_ms; /* also when the clock was set back */
}

bool bucket_take(struct bucket *b, double n, double burst, double per_s, int64_t now_ms)
{
    refill(b, burst, per_s, now_ms);
    if (b->tokens < n)
        return false;
    b->tokens -= n;
    return true;
}

/* FNV-1a; a collision only shares a bucket. */
static uint64_t hash_of(const void *key, size_t len)
{
    const uint8_t *p = key;
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    h ^= h >> 29; /* the high bits into the low ones that choose the slot */
    return h != 0 ? h : 1;
}

static struct slot *slot_of(struct limiter *l, uint64_t key, int64_t now_ms)
{
    struct slot *fullest = NULL;
    for (size_t i = 0; i < NEIGHBOURS; i++) {
        struct slot *s = &l->slot[(key + i) % l->n];
        if (s->key == key)
            return s;
        if (s->key == 0)
            s->bucket = (struct bucket){ .tokens = l->burst, .at_ms = now_ms };
        refill(&s->bucket, l->burst, l->per_s, now_ms);
        if (fullest == NULL || s->bucket.tokens > fullest->bucket.tokens)
            fullest = s;
    }
    fullest->key = key;
    fullest->bucket = (struct bucket){ .tokens = l->burst, .at_ms = now_ms };
    return fullest;
}

bool limiter_take(struct limiter *l, const void *key, size_t len, int64_t now_ms)
{
    struct slot *s = slot_of(l, hash_of(key, len), now_ms);
    return bucket_take(&s->bucket, 1, l->burst, l->per_s, now_ms);
}

bool limiter_has(struct limiter *l, const void *key, size_t len, int64_t now_ms)
{
    uint64_t hash = hash_of(key, len);
    for (size_t i = 0; i < NEIGHBOURS; i++) {
        struct slot *s = &l->slot[(hash + i) % l->n];
        if (s->key != hash)
            continue;
        refill(&s->bucket, l->burst, l->per_s, now_ms);
        return s->bucket.tokens >= 1;
    }
    return true;
}
