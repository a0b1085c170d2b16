/* What people see of the live state. */
#include <string.h>

#include "ocpp/central/state.h"

size_t central_station_count(const struct central *c)
{
    return c->n_stations;
}

bool central_station_view(const struct central *c, size_t i, struct central_station_view *v)
{
    if (i >= c->n_stations)
        return false;
    const struct station *s = c->station[i];
    *v = (struct central_station_view){
        .id = s->id,
        .vendor = s->vendor,
        .model = s->model,
        .serial = s->serial,
        .firmware = s->firmware,
        .address = s->session != NULL ? s->session->address : NULL,
        .district = s->district,
        .grid_node = s->grid_node,
        .security_profile = s->identity.security_profile,
        .pending_profile = s->identity.pending_profile,
        .proved_profile = s->session != NULL ? s->session->profile : -1,
        .certificate_cn = s->certificate_cn,
        .has_pending_key = s->identity.has_pending_key,
        .has_old_key = s->identity.has_old_key,
        .registration = s->registration,
        .online = s->session != NULL,
        .has_key = s->identity.has_key,
        .connected_at_ms = s->session != NULL ? s->session->connected_at_ms : STORE_ABSENT,
        .seen_at_ms = s->seen_at_ms,
        .booted_at_ms = s->booted_at_ms,
        .clock_skew_ms = s->skew_ms,
        .frames_in = s->frames_in,
        .frames_out = s->frames_out,
        .violations = s->violations,
        .last_violation = s->last_violation,
        .queued_calls = s->n_waiting + (s->in_flight != NULL ? 1 : 0),
        .n_connectors = s->n_connectors,
    };
    evidence_view(s, v);
    return true;
}

static int64_t energy_wh(const struct connector *k)
{
    if (k->tx.id == 0 || k->register_uwh == STORE_ABSENT || k->tx.meter_start_wh == STORE_ABSENT)
        return STORE_ABSENT;
    int64_t wh = k->register_uwh / 1000000 - k->tx.meter_start_wh;
    return wh >= 0 ? wh : 0;
}

bool central_connector_view(const struct central *c, size_t i, size_t n, struct instant now,
                            struct central_connector_view *v)
{
    if (i >= c->n_stations || n >= c->station[i]->n_connectors)
        return false;
    const struct station *s = c->station[i];
    const struct connector *k = s->connector[n];
    bool in_tx = k->tx.id != 0;
    *v = (struct central_connector_view){
        .station = s->id,
        .evse_id = k->evse_id,
        .status = k->status,
        .error_code = k->error_code,
        .info = k->info,
        .connector = k->number,
        .status_at_ms = k->status_at_ms,
        .tx_id = k->tx.id,
        .id_tag = in_tx ? k->tx.id_tag : NULL,
        .started_at_ms = in_tx ? k->tx.started_at_ms : STORE_ABSENT,
        .energy_wh = energy_wh(k),
        .need = k->tx.need,
        .power_mw = k->power_mw,
        .soc_pct = k->soc_pct,
        .balanced = k->point != SIZE_MAX,
        .rating_ma = s->rating_ma,
        .safe_ma = s->safe_ma,
        .max_w = k->max_w,
    };
    reservation_view(k, v);
    v->start_tag = k->start_tag[0] != '\0' ? k->start_tag : NULL;
    v->start_until_ms = v->start_tag != NULL ? k->start_until_ms : STORE_ABSENT;
    if (v->balanced)
        sched_point_view(c->sched, k->point, now.utc_ms, &v->point);
    return true;
}

size_t central_node_count(const struct central *c)
{
    return c->n_nodes;
}

static void meter_view(const struct central *c, size_t node, const struct sched_node_view *load,
                       struct central_meter_view *v)
{
    struct sched_reading last;
    const struct node_meter *m = &c->node[node].meter;
    const struct sched_meter_conf *conf = &c->node_conf[node].meter;
    *v = (struct central_meter_view){ .present = m->present,
                                      .device = m->device,
                                      .fields = m->fields,
                                      .unit = m->unit,
                                      .includes_points = conf->includes_points,
                                      .silent_after_s = m->silent_after_s,
                                      .at_ms = STORE_ABSENT,
                                      .received_at_ms = m->received_at_ms,
                                      .silent = load->meter_silent };
    memcpy(v->guard_ma, conf->guard_ma, sizeof(v->guard_ma));
    memcpy(v->silent_ma, conf->silent_ma, sizeof(v->silent_ma));
    if (!m->present || !sched_meter_last(c->sched, node, &last))
        return;
    memcpy(v->ma, last.ma, sizeof(v->ma));
    v->at_ms = last.at_ms;
}

bool central_node_view(const struct central *c, size_t node, struct instant now,
                       struct central_node_view *v)
{
    if (node >= c->n_nodes)
        return false;
    *v = (struct central_node_view){ .id = c->node[node].id,
                                     .parent = c->node[node].parent,
                                     .name = c->node[node].name,
                                     .kind = c->node[node].kind,
                                     .overridden = c->node[node].overridden };
    const struct node *n = &c->node[node];
    const struct sched_node_conf *conf = &c->node_conf[node];
    memcpy(v->set_limit_ma, n->overridden ? n->limit_ma : conf->limit_ma, sizeof(n->limit_ma));
    memcpy(v->set_foreign_ma, n->overridden ? n->foreign_ma : conf->foreign_ma,
           sizeof(n->foreign_ma));
    sched_node_view(c->sched, node, now.utc_ms, &v->load);
    sched_capacity_at(c->sched, node, now.utc_ms, now.utc_ms, &v->capacity);
    v->next = v->capacity;
    if (v->capacity.until_ms != INT64_MAX)
        sched_capacity_at(c->sched, node, v->capacity.until_ms, now.utc_ms, &v->next);
    meter_view(c, node, &v->load, &v->meter);
    return true;
}

bool central_node_find(const struct central *c, const char *id, size_t *ret_node)
{
    for (size_t i = 0; i < c->n_nodes; i++)
        if (strcmp(c->node[i].id, id) == 0) {
            *ret_node = i;
            return true;
        }
    return false;
}

bool central_node_device(const struct central *c, size_t node, const char **ret_device)
{
    if (node >= c->n_nodes)
        return false;
    *ret_device = c->node[node].meter.present ? c->node[node].meter.device : NULL;
    return true;
}
