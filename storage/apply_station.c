/* Stations and their connectors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/apply_state.h"

/* --- stations --- */

/* What a file may leave out. */
static struct store_station with_defaults(const struct store_station *s)
{
    struct store_station record = *s;
    if (record.wiring == NULL)
        record.wiring = "RST";
    if (record.min_ma <= 0)
        record.min_ma = 6000;
    if (record.weight <= 0)
        record.weight = 1;
    return record;
}

static enum store_rc check_currents(struct apply *a, const struct store_station *s)
{
    if (!apply_is_wiring(s->wiring))
        return apply_refuse(
            a,
            "stations %s: wiring %.20s is no list of one to three different grid phases; "
            "use e.g. RST, STR or R",
            s->id, s->wiring);
    if (s->rating_ma <= 0)
        return apply_refuse(a, "stations %s: rating_a is %.1f; name the most the station can give",
                            s->id, apply_amperes(s->rating_ma));
    if (s->min_ma > s->rating_ma)
        return apply_refuse(a, "stations %s: min_a %.1f is more than rating_a %.1f; lower min_a",
                            s->id, apply_amperes(s->min_ma), apply_amperes(s->rating_ma));
    if (s->safe_ma > s->rating_ma)
        return apply_refuse(a, "stations %s: safe_a %.1f is more than rating_a %.1f; lower safe_a",
                            s->id, apply_amperes(s->safe_ma), apply_amperes(s->rating_ma));
    if (s->safe_ma < 0 || (s->safe_ma > 0 && s->safe_ma < s->min_ma))
        return apply_refuse(a, "stations %s: safe_a %.1f must be 0 or at least min_a %.1f", s->id,
                            apply_amperes(s->safe_ma), apply_amperes(s->min_ma));
    return STORE_OK;
}

static enum store_rc check_station(struct apply *a, const struct store_station *s)
{
    const int64_t e7 = 10000000;
    enum store_rc rc = check_currents(a, s);
    if (rc != STORE_OK)
        return rc;
    if (s->security_profile < 0 || s->security_profile > 3)
        return apply_refuse(a, "stations %s: security_profile is %d; use 0, 1, 2 or 3", s->id,
                            s->security_profile);
    if (s->priority < 0 || s->priority > 9)
        return apply_refuse(a, "stations %s: priority is %d; use 0 (normal) to 9", s->id,
                            s->priority);
    if (s->class < 0 || s->class > 4)
        return apply_refuse(
            a, "stations %s: class is unknown; use leasing, sticky, forgetful, unmanaged or auto",
            s->id);
    if (s->lat_e7 != STORE_ABSENT && (s->lat_e7 < -90 * e7 || s->lat_e7 > 90 * e7))
        return apply_refuse(a, "stations %s: lat must lie between -90 and 90 degrees", s->id);
    if (s->lon_e7 != STORE_ABSENT && (s->lon_e7 < -180 * e7 || s->lon_e7 > 180 * e7))
        return apply_refuse(a, "stations %s: lon must lie between -180 and 180 degrees", s->id);
    return STORE_OK;
}

static enum store_rc is_known(struct apply *a, enum stmt which, const char *id)
{
    sqlite3_stmt *q = conn_stmt(a->db, which);
    bind_text(q, 1, id);
    enum store_rc rc = store_step_row(a->db, q);
    if (rc == STORE_OK)
        store_reset(q);
    return rc;
}

static enum store_rc check_references(struct apply *a, const struct store_station *s)
{
    enum store_rc rc = s->grid_node != NULL ? is_known(a, STMT_NODE_GET, s->grid_node) : STORE_OK;
    if (rc == STORE_MISSING)
        return apply_refuse(
            a, "stations %s: grid_node %.100s is unknown; add it to grid or correct the name",
            s->id, s->grid_node);
    if (rc == STORE_OK && s->tariff != NULL)
        rc = is_known(a, STMT_TARIFF_KNOWN, s->tariff);
    if (rc == STORE_MISSING)
        return apply_refuse(
            a, "stations %s: tariff %.100s is unknown; add it to tariffs or correct the name",
            s->id, s->tariff);
    return rc;
}

/* Stations type their identity: two that differ only in case would be mixed up. */
static enum store_rc check_case(struct apply *a, const struct store_station *s)
{
    sqlite3_stmt *q = conn_stmt(a->db, STMT_STATION_LIKE);
    bind_text(q, 1, s->id);
    enum store_rc rc = store_step_row(a->db, q);
    if (rc == STORE_MISSING)
        return STORE_OK;
    if (rc == STORE_OK) {
        rc = apply_refuse(
            a,
            "stations %s: id differs only in case from station %s, which is known; use "
            "that spelling or another id",
            s->id, column_text(q, 0));
        store_reset(q);
    }
    return rc;
}

static enum store_rc put_station(struct apply *a, const struct store_station *s)
{
    struct detail d = { .text = "" };
    enum store_change_kind kind;
    struct store_station record = with_defaults(s);
    if (!apply_is_station_id(s->id))
        return apply_refuse(
            a,
            "stations[%zu]: id must have 1 to %d characters and no space or slash, as it "
            "is the last part of the station's URL",
            (size_t)(s - a->site->station), STATION_ID_MAX);
    enum store_rc rc = check_station(a, &record);
    if (rc == STORE_OK)
        rc = check_references(a, &record);
    if (rc == STORE_OK)
        rc = check_case(a, s);
    if (rc != STORE_OK)
        return rc;
    bool is_back = is_known(a, STMT_STATION_GONE, s->id) == STORE_OK;
    sqlite3_stmt *get = conn_stmt(a->db, STMT_STATION_GET);
    bind_text(get, 1, s->id);
    rc = apply_compare(a, &station_fields, get, &record, &kind, &d);
    if (rc != STORE_OK)
        return rc;
    if (is_back) {
        apply_add(&d, "%sback in service", d.used > 0 ? ", " : "");
        kind = STORE_CHANGED;
    }
    apply_note(a, kind, &station_fields, s->id, d.text);
    if (kind == STORE_UNCHANGED)
        return STORE_OK;
    sqlite3_stmt *q = conn_stmt(a->db, STMT_STATION_PUT);
    fields_bind(&station_fields, q, &record);
    return store_step_done(a->db, q);
}

enum store_rc apply_stations(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_stations; i++)
        if (site->station[i].id == NULL)
            return apply_refuse(
                a, "stations[%zu]: id is missing; name the station as it calls itself", i);
    rc = apply_find_twins(site->station, site->n_stations, sizeof(*site->station),
                          apply_compare_stations, twin);
    if (rc == STORE_CONFLICT) {
        const struct store_station *x = twin[0], *y = twin[1];
        return strcmp(x->id, y->id) == 0
                   ? apply_refuse(a,
                                  "stations %s: id stands twice in the list; remove one of the two",
                                  x->id)
                   : apply_refuse(
                         a,
                         "stations %s: id differs only in case from %s in the same list; use "
                         "another id",
                         x->id, y->id);
    }
    for (size_t i = 0; i < site->n_stations && rc == STORE_OK; i++)
        rc = put_station(a, &site->station[i]);
    return rc;
}

/* --- connectors --- */

static enum store_rc check_connector(struct apply *a, const struct store_connector *k)
{
    if (k->station == NULL)
        return apply_refuse(a,
                            "connectors[%zu]: station is missing; name the station it belongs to",
                            (size_t)(k - a->site->connector));
    if (k->connector < 1 || k->connector > CONNECTORS_MAX)
        return apply_refuse(a, "stations %s: connector id is %d; connectors count from 1 to %d",
                            k->station, k->connector, CONNECTORS_MAX);
    if (k->max_w < 0)
        return apply_refuse(a,
                            "stations %s: max_w of connector %d is negative; name the rated power",
                            k->station, k->connector);
    if (k->evse_id != NULL && !apply_is_name(k->evse_id))
        return apply_refuse(
            a, "stations %s: evse_id of connector %d is empty; leave it out or fill it", k->station,
            k->connector);
    return STORE_OK;
}

static enum store_rc put_connector(struct apply *a, const struct store_connector *k)
{
    char id[STATION_ID_MAX + 20];
    enum store_rc rc = check_connector(a, k);
    if (rc == STORE_OK)
        rc = is_known(a, STMT_STATION_NUM, k->station);
    if (rc == STORE_MISSING)
        return apply_refuse(a, "connectors: station %.100s is unknown; add it to stations",
                            k->station);
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *get = conn_stmt(a->db, STMT_CONNECTOR_GET);
    bind_text(get, 1, k->station);
    bind_int(get, 2, k->connector);
    snprintf(id, sizeof(id), "%s/%d", k->station, k->connector);
    size_t id_at = apply_keep_text(a, id);
    rc = apply_put(a, &connector_fields, get, STMT_CONNECTOR_PUT, k, NULL);
    if (rc == STORE_OK)
        a->note[a->n_notes - 1].id_at = id_at;
    return rc;
}

/* After all is written, so that an EVSE id may move from one lamp to another within one file. */
static enum store_rc check_evse_ids(struct apply *a)
{
    sqlite3_stmt *q = conn_stmt(a->db, STMT_EVSE_TWICE);
    enum store_rc rc = store_step_row(a->db, q);
    if (rc == STORE_MISSING)
        return STORE_OK;
    if (rc != STORE_OK)
        return rc;
    rc =
        apply_refuse(a,
                     "stations %s: evse_id %.100s is also that of station %s; an EVSE id names one "
                     "connector: correct one of the two",
                     column_text(q, 1), column_text(q, 0), column_text(q, 2));
    store_reset(q);
    return rc;
}

enum store_rc apply_connectors(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_connectors && rc == STORE_OK; i++)
        rc = check_connector(a, &site->connector[i]);
    if (rc != STORE_OK)
        return rc;
    rc = apply_find_twins(site->connector, site->n_connectors, sizeof(*site->connector),
                          apply_compare_connectors, twin);
    if (rc == STORE_CONFLICT) {
        const struct store_connector *k = twin[0];
        return apply_refuse(
            a, "stations %s: connector %d stands twice in the list; remove one of the two",
            k->station, k->connector);
    }
    for (size_t i = 0; i < site->n_connectors && rc == STORE_OK; i++)
        rc = put_connector(a, &site->connector[i]);
    return rc == STORE_OK && site->n_connectors > 0 ? check_evse_ids(a) : rc;
}
