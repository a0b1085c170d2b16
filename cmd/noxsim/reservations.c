#include "cmd/noxsim/reservations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/field.h"

static struct reservation *find(const struct reservations *r, int32_t id)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->list[i].id == id)
            return &r->list[i];
    return NULL;
}

static void remove_at(struct reservations *r, size_t i)
{
    r->list[i] = r->list[--r->n];
}

/* Reservations of the connector, but for the one that is replaced. */
static size_t count(const struct reservations *r, int32_t connector, int32_t but_id)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->list[i].connector == connector && r->list[i].id != but_id;
    return n;
}

static size_t count_specific(const struct reservations *r, int32_t but_id)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->list[i].connector != 0 && r->list[i].id != but_id;
    return n;
}

static int32_t verdict_of(enum reservable is)
{
    static const int32_t verdicts[] = {
        [RESERVABLE_FREE] = OCPP_RESERVATION_STATUS_ACCEPTED,
        [RESERVABLE_OCCUPIED] = OCPP_RESERVATION_STATUS_OCCUPIED,
        [RESERVABLE_UNAVAILABLE] = OCPP_RESERVATION_STATUS_UNAVAILABLE,
        [RESERVABLE_FAULTED] = OCPP_RESERVATION_STATUS_FAULTED,
    };
    return verdicts[is];
}

/* Each reservation needs a free connector of its own. */
static int32_t judge(const struct reservations *r, const struct ocpp_reserve_now_req *req,
                     const struct reservable_connector *connector, size_t n)
{
    size_t n_free = 0;
    int32_t best = OCPP_RESERVATION_STATUS_REJECTED; /* there is no such connector */
    for (size_t i = 0; i < n; i++) {
        int32_t verdict = verdict_of(connector[i].is);
        n_free += connector[i].is == RESERVABLE_FREE;
        if (req->connector_id == connector[i].number)
            best = verdict;
        else if (req->connector_id == 0 && (i == 0 || connector[i].is == RESERVABLE_FREE ||
                                            connector[i].is == RESERVABLE_OCCUPIED))
            best = best == OCPP_RESERVATION_STATUS_ACCEPTED ? best : verdict;
    }
    if (best != OCPP_RESERVATION_STATUS_ACCEPTED)
        return best;
    size_t held = count(r, 0, req->reservation_id) + count_specific(r, req->reservation_id);
    bool is_held = req->connector_id != 0 && count(r, req->connector_id, req->reservation_id) > 0;
    return is_held || held >= n_free ? OCPP_RESERVATION_STATUS_OCCUPIED : best;
}

int32_t reservations_set(struct reservations *r, const struct ocpp_reserve_now_req *req,
                         const struct reservable_connector *connector, size_t n, bool allows_zero,
                         int64_t now_ms)
{
    if (req->id_tag == NULL || req->reservation_id == OCPP_INT_ABSENT ||
        req->expiry_date_ms == OCPP_TIME_ABSENT || req->expiry_date_ms <= now_ms ||
        (req->connector_id == 0 && !allows_zero))
        return OCPP_RESERVATION_STATUS_REJECTED;
    int32_t verdict = judge(r, req, connector, n);
    if (verdict != OCPP_RESERVATION_STATUS_ACCEPTED)
        return verdict;
    struct reservation *one = find(r, req->reservation_id);
    if (one == NULL) {
        struct reservation *more = realloc(r->list, (r->n + 1) * sizeof(*more));
        if (more == NULL)
            return OCPP_RESERVATION_STATUS_REJECTED;
        r->list = more;
        one = &more[r->n++];
    }
    *one = (struct reservation){ .id = req->reservation_id,
                                 .connector = req->connector_id,
                                 .expiry_ms = req->expiry_date_ms };
    snprintf(one->tag, sizeof(one->tag), "%.20s", req->id_tag);
    if (req->parent_id_tag != NULL)
        snprintf(one->parent, sizeof(one->parent), "%.20s", req->parent_id_tag);
    return verdict;
}

bool reservations_cancel(struct reservations *r, int32_t id)
{
    struct reservation *one = find(r, id);
    if (one != NULL)
        remove_at(r, (size_t)(one - r->list));
    return one != NULL;
}

bool reservations_expire(struct reservations *r, int64_t now_ms)
{
    size_t before = r->n;
    for (size_t i = r->n; i-- > 0;)
        if (r->list[i].expiry_ms <= now_ms)
            remove_at(r, i);
    return r->n != before;
}

int64_t reservations_next_ms(const struct reservations *r)
{
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < r->n; i++)
        if (r->list[i].expiry_ms < next_ms)
            next_ms = r->list[i].expiry_ms;
    return next_ms;
}

void reservations_end(struct reservations *r, int32_t connector)
{
    for (size_t i = r->n; i-- > 0;)
        if (connector == 0 || r->list[i].connector == connector)
            remove_at(r, i);
}

static bool belongs(const struct reservation *one, const char *tag, const char *parent)
{
    bool same_group = parent != NULL && parent[0] != '\0' && ocpp_ci_equal(one->parent, parent);
    return ocpp_ci_equal(one->tag, tag) || same_group;
}

const struct reservation *reservations_of(const struct reservations *r, int32_t connector,
                                          const char *tag, const char *parent)
{
    const struct reservation *any = NULL;
    for (size_t i = 0; i < r->n; i++) {
        const struct reservation *one = &r->list[i];
        if (!belongs(one, tag, parent))
            continue;
        if (one->connector == connector)
            return one;
        if (one->connector == 0)
            any = one;
    }
    return any;
}

bool reservations_hold(const struct reservations *r, int32_t connector, size_t n_free)
{
    if (r->n == 0)
        return false;
    if (count(r, connector, OCPP_INT_ABSENT) > 0)
        return true;
    size_t n_zero = count(r, 0, OCPP_INT_ABSENT);
    return n_zero > 0 && n_free <= n_zero + count_specific(r, OCPP_INT_ABSENT);
}

void reservations_done(struct reservations *r)
{
    free(r->list);
    *r = (struct reservations){ .n = 0 };
}
