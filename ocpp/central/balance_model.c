/* A site as the scheduler takes it, beside the live state. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/balance_build.h"

struct model_point {
    const char *station;
    int32_t connector;
    size_t point;
};

struct central_model {
    struct build b;
    struct sched_conf conf;
    struct model_point *point; /* by station and connector; lends from the site */
    const struct store_site *site;
};

static int model_point_compare(const void *a, const void *b)
{
    const struct model_point *x = a, *y = b;
    int order = strcmp(x->station, y->station);
    return order != 0 ? order : (x->connector > y->connector) - (x->connector < y->connector);
}

static bool model_points(struct central_model *m, const struct store_site *site)
{
    m->point = calloc(m->b.n_points + 1, sizeof(*m->point));
    for (size_t i = 0; m->point != NULL && i < m->b.n_points; i++) {
        const struct store_connector *k = &site->connector[m->b.place[i]];
        m->point[i] = (struct model_point){ k->station, k->connector, i };
    }
    if (m->point != NULL)
        qsort(m->point, m->b.n_points, sizeof(*m->point), model_point_compare);
    return m->point != NULL;
}

struct central_model *central_model_new(const struct store_site *site, char *ret_text, size_t size)
{
    struct central_model *m = calloc(1, sizeof(*m));
    if (m == NULL) {
        snprintf(ret_text, size, "out of memory");
        return NULL;
    }
    bool good = build_make(&m->b, site, ret_text, size) && model_points(m, site);
    m->site = site;
    m->conf = build_conf(&m->b, sched_default_tuning());
    if (good && sched_check(&m->conf, ret_text, size))
        return m;
    central_model_free(m);
    return NULL;
}

void central_model_free(struct central_model *m)
{
    if (m == NULL)
        return;
    build_done(&m->b);
    free(m->point);
    free(m);
}

const struct sched_conf *central_model_conf(const struct central_model *m)
{
    return &m->conf;
}

size_t central_model_point(const struct central_model *m, const char *station, int32_t connector)
{
    struct model_point wanted = { station, connector, 0 };
    const struct model_point *found =
        bsearch(&wanted, m->point, m->b.n_points, sizeof(*m->point), model_point_compare);
    return found != NULL ? found->point : SIZE_MAX;
}

void central_model_place(const struct central_model *m, size_t point, const char **ret_station,
                         int32_t *ret_connector)
{
    const struct store_connector *k = &m->site->connector[m->b.place[point]];
    *ret_station = k->station;
    *ret_connector = k->connector;
}
