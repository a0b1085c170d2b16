/* Tariffs and emission factors: what is written of a version stays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/apply_state.h"

/* --- tariffs --- */

static enum store_rc check_tariff(struct apply *a, const struct store_tariff *t)
{
    const char *id = t->id;
    if (!apply_is_name(id))
        return apply_refuse(a, "tariffs[%zu]: id is missing; name the tariff",
                            (size_t)(t - a->site->tariff));
    if (t->version < 1)
        return apply_refuse(a, "tariffs %s: version is %d; versions count from 1", id, t->version);
    if (t->valid_from_ms == STORE_ABSENT)
        return apply_refuse(a,
                            "tariffs %s: valid_from is missing; name the first day of version %d",
                            id, t->version);
    if (t->currency == NULL || strlen(t->currency) != 3)
        return apply_refuse(
            a, "tariffs %s: currency must be three letters as in ISO 4217, e.g. EUR", id);
    if (t->vat_bp < 0 || t->vat_bp > 10000)
        return apply_refuse(a, "tariffs %s: vat_percent must lie between 0 and 100", id);
    if (t->price_e4_per_kwh < 0)
        return apply_refuse(a, "tariffs %s: price_per_kwh is negative; use 0 for free energy", id);
    if (t->flat_cents < 0)
        return apply_refuse(a, "tariffs %s: flat is negative; use 0 for no fee", id);
    if (t->blocking_e4_per_min < 0)
        return apply_refuse(
            a, "tariffs %s: blocking.per_min is negative; leave blocking out for no fee", id);
    if (t->blocking_from_min < 0 || t->blocking_from_min > 1440)
        return apply_refuse(a, "tariffs %s: blocking.from must lie between 00:00 and 24:00", id);
    if (t->blocking_to_min < 0 || t->blocking_to_min > 1440)
        return apply_refuse(a, "tariffs %s: blocking.to must lie between 00:00 and 24:00", id);
    return STORE_OK;
}

static enum store_rc put_tariff(struct apply *a, const struct store_tariff *t)
{
    struct detail d = { .text = "" };
    enum store_change_kind kind;
    sqlite3_stmt *get = conn_stmt(a->db, STMT_TARIFF_GET);
    bind_text(get, 1, t->id);
    bind_int(get, 2, t->version);
    enum store_rc rc = apply_compare(a, &tariff_fields, get, t, &kind, &d);
    if (rc == STORE_OK && kind == STORE_CHANGED)
        return apply_refuse(
            a,
            "tariffs %s: version %d is already known with other content (%.200s), and a "
            "version never changes; add version %d with its valid_from",
            t->id, t->version, d.text, t->version + 1);
    if (rc != STORE_OK)
        return rc;
    get = conn_stmt(a->db, STMT_TARIFF_GET);
    bind_text(get, 1, t->id);
    bind_int(get, 2, t->version);
    return apply_put(a, &tariff_fields, get, STMT_TARIFF_PUT, t, t->id);
}

enum store_rc apply_tariffs(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_tariffs && rc == STORE_OK; i++)
        rc = check_tariff(a, &site->tariff[i]);
    if (rc != STORE_OK)
        return rc;
    rc = apply_find_twins(site->tariff, site->n_tariffs, sizeof(*site->tariff),
                          apply_compare_tariffs, twin);
    if (rc == STORE_CONFLICT) {
        const struct store_tariff *t = twin[0];
        return apply_refuse(
            a, "tariffs %s: version %d stands twice in the list; remove one of the two", t->id,
            t->version);
    }
    for (size_t i = 0; i < site->n_tariffs && rc == STORE_OK; i++)
        rc = put_tariff(a, &site->tariff[i]);
    return rc;
}

/* --- emission factors --- */

static enum store_rc check_factor(struct apply *a, const struct store_factor *f)
{
    static const char *const kinds[] = { "grid_location", "grid_market",  "consumption",
                                         "nox_tailpipe",  "co2_tailpipe", NULL };
    static const char *const units[] = { "g/kWh", "kWh/100km", "g/km", NULL };
    static const char *const states[] = { "final", "preliminary", "estimated", "assumed", NULL };
    size_t i = (size_t)(f - a->site->factor);
    if (f->kind == NULL || !apply_is_one_of(f->kind, kinds))
        return apply_refuse(a,
                            "factors[%zu]: kind %.40s is unknown; use grid_location, grid_market, "
                            "consumption, nox_tailpipe or co2_tailpipe",
                            i, f->kind != NULL ? f->kind : "(none)");
    if (f->year < 1990 || f->year > 2200)
        return apply_refuse(a, "factors %s: year %d must lie between 1990 and 2200", f->kind,
                            f->year);
    if (f->low_e6 < 0 || f->low_e6 > f->mid_e6 || f->mid_e6 > f->high_e6)
        return apply_refuse(
            a,
            "factors %s %d: low, mid and high must rise from 0 or more; use one value "
            "three times when there is one",
            f->kind, f->year);
    if (f->unit == NULL || !apply_is_one_of(f->unit, units))
        return apply_refuse(a, "factors %s %d: unit must be g/kWh, kWh/100km or g/km", f->kind,
                            f->year);
    if (f->state == NULL || !apply_is_one_of(f->state, states))
        return apply_refuse(a,
                            "factors %s %d: state must be final, preliminary, estimated or assumed",
                            f->kind, f->year);
    if (!apply_is_name(f->source))
        return apply_refuse(a,
                            "factors %s %d: source is missing; name where the value is published",
                            f->kind, f->year);
    return STORE_OK;
}

static enum store_rc put_factor(struct apply *a, const struct store_factor *f)
{
    char id[80];
    sqlite3_stmt *get = conn_stmt(a->db, STMT_FACTOR_GET);
    bind_text(get, 1, f->kind);
    bind_int(get, 2, f->year);
    snprintf(id, sizeof(id), "%s %d", f->kind, f->year);
    size_t id_at = apply_keep_text(a, id);
    enum store_rc rc = apply_put(a, &factor_fields, get, STMT_FACTOR_PUT, f, NULL);
    if (rc == STORE_OK)
        a->note[a->n_notes - 1].id_at = id_at;
    return rc;
}

enum store_rc apply_factors(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_factors && rc == STORE_OK; i++)
        rc = check_factor(a, &site->factor[i]);
    if (rc != STORE_OK)
        return rc;
    rc = apply_find_twins(site->factor, site->n_factors, sizeof(*site->factor),
                          apply_compare_factors, twin);
    if (rc == STORE_CONFLICT) {
        const struct store_factor *f = twin[0];
        return apply_refuse(a,
                            "factors %s: year %d stands twice in the list; remove one of the two",
                            f->kind, f->year);
    }
    for (size_t i = 0; i < site->n_factors && rc == STORE_OK; i++)
        rc = put_factor(a, &site->factor[i]);
    return rc;
}
