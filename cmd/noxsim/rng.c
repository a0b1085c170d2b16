#include "cmd/noxsim/rng.h"

#include <math.h>

uint64_t rng_hash(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

/* splitmix64: one addition and a mixing of bits per number. */
uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void rng_init(struct rng *rng, uint64_t seed, const char *name)
{
    rng->state = seed * UINT64_C(0x9E3779B97F4A7C15) ^ rng_hash(name);
    rng_next(rng);
}

int64_t rng_range(struct rng *rng, int64_t low, int64_t high)
{
    uint64_t span = (uint64_t)(high - low) + 1;
    return low + (int64_t)(span == 0 ? rng_next(rng) : rng_next(rng) % span);
}

double rng_unit(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) / 9007199254740992.0;
}

bool rng_chance(struct rng *rng, double probability)
{
    return probability > 0 && rng_unit(rng) < probability;
}

int64_t rng_wait_ms(struct rng *rng, double per_hour)
{
    if (per_hour <= 0)
        return INT64_MAX / 4;
    double wait_ms = -log(1.0 - rng_unit(rng)) * 3600000.0 / per_hour;
    return wait_ms < 1 ? 1 : wait_ms > 1e15 ? (int64_t)1e15 : (int64_t)wait_ms;
}

double rng_normal(struct rng *rng, double mean, double deviation)
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += rng_unit(rng);
    return mean + (sum - 6.0) * deviation;
}
