/*
 * Seeded random numbers: the same seed gives the same street.
 *
 * A generator belongs to one owner; streams derived from a seed and a name do not depend on the
 * order in which other owners draw.
 */
#ifndef CMD_NOXSIM_RNG_H
#define CMD_NOXSIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

/* @param name  the owner, e.g. a station's id; "" is fine */
void rng_init(struct rng *rng, uint64_t seed, const char *name);

uint64_t rng_next(struct rng *rng);
/* Evenly in [low, high], low <= high. */
int64_t rng_range(struct rng *rng, int64_t low, int64_t high);
/* Evenly in [0, 1). */
double rng_unit(struct rng *rng);
/* True with this probability; 0 is never, 1 is always. */
bool rng_chance(struct rng *rng, double probability);
/* Waiting time of a Poisson process, at least 1; INT64_MAX / 4 when per_hour <= 0. */
int64_t rng_wait_ms(struct rng *rng, double per_hour);
/* Sum of uniform numbers, near a normal distribution of mean and deviation. */
double rng_normal(struct rng *rng, double mean, double deviation);

/* FNV-1a of a text: for choices that depend on a name and nothing else. */
uint64_t rng_hash(const char *text);

#endif
