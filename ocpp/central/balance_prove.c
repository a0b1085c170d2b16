/* Does a site hold, whatever happens?  For apply, 'grid prove' and the check at start. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/balance_build.h"
#include "storage/billing/calendar.h"

bool balance_check(const struct store_site *site, char *ret_text, size_t size)
{
    struct build b;
    bool good = build_make(&b, site, ret_text, size);
    struct sched_conf conf = build_conf(&b, sched_default_tuning());
    good = good && (b.n_nodes == 0 || sched_check(&conf, ret_text, size));
    build_done(&b);
    return good;
}

bool central_check(const struct store_site *site, char *ret_text, size_t size)
{
    return balance_check(site, ret_text, size);
}

/* --- the proof --- */

struct proof {
    const struct store_site *site;
    struct build build;
    struct sched_node_cap *cap;
    struct sched_culprit *culprit;
    struct central_culprit_point *point;
    size_t n_caps, n_culprits;
};

static void proof_done(struct proof *p)
{
    build_done(&p->build);
    free(p->cap);
    free(p->culprit);
    free(p->point);
}

static void take_caps(struct proof *p, const struct central_proof *asked)
{
    for (size_t i = 0; i < asked->n_caps; i++) {
        const struct store_cap *in = &asked->cap[i];
        struct sched_node_cap *out = &p->cap[p->n_caps];
        out->node = build_node(&p->build, in->node);
        out->cap =
            (struct sched_cap){ .id = in->id, .from_ms = in->from_ms, .until_ms = in->until_ms };
        memcpy(out->cap.limit_ma, in->limit_ma, sizeof(out->cap.limit_ma));
        if (out->node != SIZE_MAX && in->until_ms > asked->from_ms)
            p->n_caps++;
    }
}

/* As it will be once every station has been seen and has taken its safe current. */
static bool proof_make(struct proof *p, const struct central_proof *asked, char *ret_text,
                       size_t size)
{
    *p = (struct proof){ .site = asked->site };
    if (!build_make(&p->build, asked->site, ret_text, size))
        return false;
    size_t max = 3 * p->build.n_nodes;
    p->cap = calloc(asked->n_caps + 1, sizeof(*p->cap));
    p->culprit = calloc(max + 1, sizeof(*p->culprit));
    p->point = calloc(p->build.n_points + 1, sizeof(*p->point));
    if (p->cap == NULL || p->culprit == NULL || p->point == NULL)
        return false;
    take_caps(p, asked);
    for (size_t i = 0; i < p->build.n_points; i++)
        p->build.point[i].commissioned = p->build.point[i].safe_confirmed = true;
    struct sched_conf conf = build_conf(&p->build, sched_default_tuning());
    conf.cap = p->cap;
    conf.n_caps = p->n_caps;
    if (p->build.n_nodes == 0)
        return true;
    if (!sched_check(&conf, ret_text, size))
        return false;
    p->n_culprits = sched_prove_all(&conf, asked->from_ms, p->culprit, max);
    return p->n_culprits != SIZE_MAX;
}

/* --- who --- */

static bool is_below(const struct build *b, int32_t node, size_t top)
{
    for (; node >= 0; node = b->node[node].parent)
        if ((size_t)node == top)
            return true;
    return false;
}

static bool is_wired(const struct sched_point_conf *point, int phase)
{
    for (int32_t t = 0; t < point->n_phases; t++)
        if (point->wiring[t] == phase)
            return true;
    return false;
}

/* The points that make up a sum. */
static size_t find_points(struct proof *p, const struct sched_culprit *culprit)
{
    const struct build *b = &p->build;
    size_t n = 0;
    for (size_t i = 0; i < b->n_points; i++) {
        const struct sched_point_conf *point = &b->point[i];
        const struct store_connector *k = &p->site->connector[b->place[i]];
        bool at_rating = point->class >= SCHED_FORGETFUL;
        int32_t ma = at_rating ? point->rating_ma : point->safe_ma;
        if (ma > 0 && is_wired(point, culprit->phase) && is_below(b, point->node, culprit->node))
            p->point[n++] = (struct central_culprit_point){ .station = k->station,
                                                            .connector = k->connector,
                                                            .ma = ma,
                                                            .at_rating = at_rating };
    }
    return n;
}

/* "..., from 2026-11-30 17:00 on" where it is not so already. */
static void say_when(const struct sched_culprit *culprit, int64_t from_ms, char ret_text[40])
{
    char local[26];
    ret_text[0] = '\0';
    if (culprit->first_ms <= from_ms)
        return;
    cal_format_local(culprit->first_ms, local);
    snprintf(ret_text, 40, ", from %.10s %.5s on", local, local + 11);
}

static void say_culprit(const struct proof *p, int64_t from_ms, char *ret_text, size_t size)
{
    const struct sched_culprit *culprit = &p->culprit[0];
    char when[40], more[60] = "";
    say_when(culprit, from_ms, when);
    if (p->n_culprits > 1)
        snprintf(more, sizeof(more), " (and %zu more such sums)", p->n_culprits - 1);
    snprintf(ret_text, size,
             "grid node %.48s, L%d: the safe currents below it add up to %.1f A, more than %.1f A "
             "(limit %.1f A less foreign load %.1f A)%s; lower safe_a of some stations to 0 or "
             "6 A%s",
             p->site->grid[culprit->node].id, culprit->phase + 1, (double)culprit->sum_ma / 1000.0,
             (double)culprit->capacity_ma / 1000.0, culprit->limit_ma / 1000.0,
             culprit->foreign_ma / 1000.0, when, more);
}

size_t central_prove_each(const struct central_proof *asked,
                          void (*row)(void *arg, const struct central_culprit *culprit), void *arg,
                          char *ret_text, size_t size)
{
    struct proof p;
    bool good = proof_make(&p, asked, ret_text, size);
    size_t n = good ? p.n_culprits : SIZE_MAX;
    for (size_t i = 0; good && row != NULL && i < n; i++) {
        struct central_culprit culprit = { .node = p.site->grid[p.culprit[i].node].id,
                                           .what = &p.culprit[i],
                                           .point = p.point,
                                           .n_points = find_points(&p, &p.culprit[i]) };
        row(arg, &culprit);
    }
    if (good && n > 0)
        say_culprit(&p, asked->from_ms, ret_text, size);
    proof_done(&p);
    return n;
}

bool central_prove(const struct store_site *site, int64_t from_ms, char *ret_text, size_t size)
{
    struct central_proof asked = { .site = site, .from_ms = from_ms };
    return central_prove_each(&asked, NULL, NULL, ret_text, size) == 0;
}
