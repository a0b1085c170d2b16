#include "storage/job.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "storage/conn.h"
#include "storage/fields.h"

#define ALIGN alignof(max_align_t)

/* --- packing: first pass with room == NULL counts, second pass copies --- */

struct packer {
    char *room;
    size_t used;
};

static void *pack_bytes(struct packer *p, const void *bytes, size_t n, size_t align)
{
    p->used = (p->used + align - 1) / align * align;
    void *to = p->room != NULL ? p->room + p->used : NULL;
    if (to != NULL && n > 0)
        memcpy(to, bytes, n);
    p->used += n;
    return to;
}

static void pack_text(struct packer *p, const char **text)
{
    if (*text == NULL)
        return;
    const char *copy = pack_bytes(p, *text, strlen(*text) + 1, 1);
    if (copy != NULL)
        *text = copy;
}

/* All rows are of one station: its name is kept once. */
static void pack_meter(struct packer *p, const struct store_meter **rows, size_t n)
{
    const struct store_meter *from = *rows;
    struct store_meter *to = pack_bytes(p, from, n * sizeof(*from), ALIGN);
    const char *station = n > 0 ? from[0].station : NULL;
    pack_text(p, &station);
    for (size_t i = 0; i < n; i++) {
        const char *raw = from[i].raw;
        pack_text(p, &raw);
        if (to != NULL) {
            to[i].station = station;
            to[i].raw = raw;
        }
    }
    if (to != NULL)
        *rows = to;
}

static void pack_config(struct packer *p, const struct store_config_key **keys, size_t n)
{
    const struct store_config_key *from = *keys;
    struct store_config_key *to = pack_bytes(p, from, n * sizeof(*from), ALIGN);
    for (size_t i = 0; i < n; i++) {
        struct store_config_key key = from[i];
        pack_text(p, &key.key);
        pack_text(p, &key.value);
        if (to != NULL)
            to[i] = key;
    }
    if (to != NULL)
        *keys = to;
}

/* A list of records whose texts stand in their table of fields. */
static void *pack_list(struct packer *p, const void *list, size_t n, const struct fields *fields)
{
    const char *from = list;
    char *to = pack_bytes(p, from, n * fields->size, ALIGN);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < fields->n; k++) {
            const struct field *field = &fields->field[k];
            if (field->type != FIELD_TEXT)
                continue;
            const char *text = field_text(field, from + i * fields->size);
            pack_text(p, &text);
            if (to != NULL)
                field_set_text(field, to + i * fields->size, text);
        }
    return to;
}

/* What the store keeps by itself (status, vendor, ...) is ignored by apply and not copied: those
 * pointers are never looked at. */
static void pack_site(struct packer *p, struct store_site *site)
{
    const void *grid = pack_list(p, site->grid, site->n_grid, &node_fields);
    const void *station = pack_list(p, site->station, site->n_stations, &station_fields);
    const void *connector = pack_list(p, site->connector, site->n_connectors, &connector_fields);
    const void *tag = pack_list(p, site->tag, site->n_tags, &tag_fields);
    const void *tariff = pack_list(p, site->tariff, site->n_tariffs, &tariff_fields);
    const void *factor = pack_list(p, site->factor, site->n_factors, &factor_fields);
    const void *config_template =
        pack_list(p, site->config_template, site->n_templates, &template_fields);
    if (p->room == NULL)
        return;
    site->grid = grid;
    site->station = station;
    site->connector = connector;
    site->tag = tag;
    site->tariff = tariff;
    site->factor = factor;
    site->config_template = config_template;
}

static void pack_boot(struct packer *p, struct store_boot *boot)
{
    const char **text[] = { &boot->station,      &boot->vendor, &boot->model, &boot->serial,
                            &boot->firmware,     &boot->iccid,  &boot->imsi,  &boot->meter_type,
                            &boot->meter_serial, &boot->address };
    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
        pack_text(p, text[i]);
}

static void pack_status(struct packer *p, struct store_status *status)
{
    const char **text[] = { &status->station, &status->status,    &status->error_code,
                            &status->info,    &status->vendor_id, &status->vendor_error_code };
    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
        pack_text(p, text[i]);
}

static void pack_start(struct packer *p, struct store_tx_start *start)
{
    pack_text(p, &start->station);
    pack_text(p, &start->id_tag);
    pack_text(p, &start->auth_kind);
    pack_text(p, &start->customer);
}

static void pack_stop(struct packer *p, struct store_tx_stop *stop)
{
    pack_text(p, &stop->station);
    pack_text(p, &stop->id_tag);
    pack_text(p, &stop->reason);
    pack_meter(p, &stop->data, stop->n_data);
}

static void pack_refused(struct packer *p, struct store_refused *refused)
{
    pack_text(p, &refused->identity);
    pack_text(p, &refused->reason);
    pack_text(p, &refused->detail);
    pack_text(p, &refused->address);
}

static void pack_token(struct packer *p, struct store_token *token)
{
    pack_text(p, &token->name);
    pack_text(p, &token->role);
    pack_text(p, &token->node);
    pack_text(p, &token->who);
}

static void pack_event(struct packer *p, struct store_event *event)
{
    pack_text(p, &event->name);
    pack_text(p, &event->station);
    pack_text(p, &event->text);
}

static void pack_texts(struct packer *p, const char **const *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        pack_text(p, text[i]);
}

static void pack_call(struct packer *p, struct store_call *call)
{
    const char **text[] = { &call->station, &call->action, &call->payload,
                            &call->who,     &call->why,    &call->answer };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
}

/* --- files --- */

static void pack_firmware(struct packer *p, struct store_firmware *f)
{
    const char **text[] = { &f->sha256,    &f->name,        &f->version, &f->vendor, &f->model,
                            &f->signature, &f->certificate, &f->who,     &f->why };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
}

static void pack_file_job(struct packer *p, struct store_file_job *j)
{
    const char **text[] = { &j->station, &j->url,  &j->token,  &j->version, &j->status,
                            &j->note,    &j->file, &j->sha256, &j->who,     &j->why };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
}

static void pack_rollout(struct packer *p, struct store_rollout *row,
                         const struct store_rollout_target **targets, size_t n)
{
    const char **text[] = { &row->note, &row->who, &row->why };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
    const struct store_rollout_target *from = *targets;
    struct store_rollout_target *to = pack_bytes(p, from, n * sizeof(*from), ALIGN);
    for (size_t i = 0; i < n; i++) {
        struct store_rollout_target t = from[i];
        pack_text(p, &t.station);
        pack_text(p, &t.note);
        if (to != NULL)
            to[i] = t;
    }
    if (to != NULL)
        *targets = to;
}

static void pack_reservation(struct packer *p, struct store_reservation *r)
{
    const char **text[] = { &r->station, &r->id_tag, &r->parent, &r->who, &r->why, &r->note };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
}

static void pack_need(struct packer *p, struct store_need *n)
{
    pack_text(p, &n->who);
    pack_text(p, &n->why);
}

static void pack_cap(struct packer *p, struct store_cap *c)
{
    const char **text[] = { &c->node, &c->said, &c->who, &c->why, &c->ended_by };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
}

static void pack_series(struct packer *p, struct job *j)
{
    const struct store_quarter *quarter = j->u.series.quarter;
    const struct store_quarter *copy =
        pack_bytes(p, quarter, j->u.series.n * sizeof(*quarter), ALIGN);
    pack_text(p, &j->u.series.edition.source);
    pack_text(p, &j->u.series.edition.who);
    if (copy != NULL)
        j->u.series.quarter = copy;
}

static void pack_cert_request(struct packer *p, struct store_cert_request *r)
{
    const char **text[] = { &r->station, &r->csr, &r->subject, &r->cn,    &r->key,
                            &r->who,     &r->why, &r->note,    &r->chain, &r->fingerprint };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
}

static void pack_certificate(struct packer *p, struct store_certificate *c)
{
    const char **text[] = { &c->fingerprint, &c->station, &c->subject, &c->issuer, &c->cn,
                            &c->serial,      &c->key,     &c->pem,     &c->note };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
}

static void pack_installed(struct packer *p, const struct store_installed **list, size_t n)
{
    const struct store_installed *from = *list;
    struct store_installed *to = pack_bytes(p, from, n * sizeof(*from), ALIGN);
    for (size_t i = 0; i < n; i++) {
        struct store_installed row = from[i];
        const char **text[] = { &row.station,         &row.type,  &row.hash, &row.issuer_name_hash,
                                &row.issuer_key_hash, &row.serial };
        pack_texts(p, text, sizeof(text) / sizeof(text[0]));
        if (to != NULL)
            to[i] = row;
    }
    if (to != NULL)
        *list = to;
}

static void pack_security(struct packer *p, struct store_security_event *s)
{
    const char **text[] = { &s->station, &s->type, &s->info };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
    pack_event(p, &s->event);
}

static void pack_connection(struct packer *p, struct store_connection *c)
{
    const char **text[] = { &c->station, &c->address, &c->transport, &c->reason };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
}

static void pack_wishes(struct packer *p, const struct store_key_wish **list, size_t n)
{
    const struct store_key_wish *from = *list;
    struct store_key_wish *to = pack_bytes(p, from, n * sizeof(*from), ALIGN);
    for (size_t i = 0; i < n; i++) {
        struct store_key_wish row = from[i];
        const char **text[] = { &row.key,  &row.wanted,   &row.reported, &row.source,
                                &row.note, &row.firmware, &row.who,      &row.why };
        row.station = NULL;
        pack_texts(p, text, sizeof(text) / sizeof(text[0]));
        if (to != NULL)
            to[i] = row;
    }
    if (to != NULL)
        *list = to;
}

static void pack_violations(struct packer *p, const struct store_violation **list, size_t n)
{
    const struct store_violation *from = *list;
    struct store_violation *to = pack_bytes(p, from, n * sizeof(*from), ALIGN);
    for (size_t i = 0; i < n; i++) {
        struct store_violation row = from[i];
        const char **text[] = { &row.vendor, &row.model,   &row.firmware,
                                &row.kind,   &row.station, &row.example };
        pack_texts(p, text, sizeof(text) / sizeof(text[0]));
        if (to != NULL)
            to[i] = row;
    }
    if (to != NULL)
        *list = to;
}

static void pack_decision(struct packer *p, struct store_decision *d)
{
    const char **text[] = { &d->station, &d->reason, &d->node };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
}

static void pack_evidence(struct packer *p, struct store_evidence *e)
{
    const char **text[] = { &e->station, &e->vendor, &e->model, &e->firmware, &e->why };
    pack_texts(p, text, sizeof(text) / sizeof(text[0]));
}

static void pack_lease(struct packer *p, struct store_lease *lease)
{
    pack_text(p, &lease->station);
    if (lease->decision == NULL)
        return;
    struct store_decision decision = *lease->decision;
    struct store_decision *to = pack_bytes(p, &decision, sizeof(decision), ALIGN);
    pack_decision(p, &decision);
    if (to != NULL) {
        *to = decision;
        lease->decision = to;
    }
}

static void pack_job(struct packer *p, struct job *j)
{
    for (size_t i = 0; i < sizeof(j->text) / sizeof(j->text[0]); i++)
        pack_text(p, &j->text[i]);
    switch (j->kind) {
    case JOB_APPLY:
        pack_site(p, &j->u.apply.site);
        break;
    case JOB_BOOT:
        pack_boot(p, &j->u.boot);
        break;
    case JOB_STATUS:
        pack_status(p, &j->u.status);
        break;
    case JOB_TX_START:
        pack_start(p, &j->u.start);
        break;
    case JOB_TX_STOP:
        pack_stop(p, &j->u.stop);
        break;
    case JOB_METER:
        pack_meter(p, &j->u.meter.row, j->u.meter.n);
        break;
    case JOB_EVENT:
        pack_event(p, &j->u.event);
        break;
    case JOB_REFUSED:
        pack_refused(p, &j->u.refused);
        break;
    case JOB_SECURITY_EVENT:
        pack_security(p, &j->u.security_event);
        break;
    case JOB_CONNECTION_OPENED:
    case JOB_CONNECTION_CLOSED:
        pack_connection(p, &j->u.connection);
        break;
    case JOB_TOKEN:
        pack_token(p, &j->u.token);
        break;
    case JOB_CONFIG:
        pack_config(p, &j->u.config.key, j->u.config.n);
        break;
    case JOB_LEASE:
        pack_lease(p, &j->u.lease);
        break;
    case JOB_LEASE_OUTCOME:
        pack_text(p, &j->u.outcome.station);
        break;
    case JOB_DECISION:
        pack_decision(p, &j->u.decision);
        break;
    case JOB_EVIDENCE:
        pack_evidence(p, &j->u.evidence);
        break;
    case JOB_CALL_ASKED:
    case JOB_CALL_ENDED:
        pack_call(p, &j->u.call);
        break;
    case JOB_RESERVATION:
        pack_reservation(p, &j->u.reservation);
        break;
    case JOB_CAP:
        pack_cap(p, &j->u.cap);
        break;
    case JOB_NEED:
        pack_need(p, &j->u.need);
        break;
    case JOB_SERIES:
        pack_series(p, j);
        break;
    case JOB_GREEN:
        pack_text(p, &j->u.green.node);
        break;
    case JOB_PROFILE:
        pack_text(p, &j->u.profile.station);
        pack_text(p, &j->u.profile.purpose);
        pack_text(p, &j->u.profile.json);
        break;
    case JOB_PROFILE_FORGET:
        pack_text(p, &j->u.forget.station);
        pack_text(p, &j->u.forget.purpose);
        break;
    case JOB_LOCAL_LIST:
        pack_text(p, &j->u.local_list.station);
        pack_text(p, &j->u.local_list.cut);
        pack_text(p, &j->u.local_list.unable);
        pack_text(p, &j->u.local_list.firmware);
        pack_text(p, &j->u.local_list.result);
        break;
    case JOB_CERT_REQUEST:
        pack_cert_request(p, &j->u.cert_request);
        break;
    case JOB_CERT_SIGNED:
    case JOB_CERTIFICATE:
    case JOB_CERT_SEEN:
        pack_certificate(p, &j->u.cert.row);
        break;
    case JOB_CERT_INSTALLED:
        pack_installed(p, &j->u.installed.list, j->u.installed.n);
        break;
    case JOB_WISHES:
        pack_wishes(p, &j->u.wishes.wish, j->u.wishes.n);
        break;
    case JOB_VIOLATIONS:
        pack_violations(p, &j->u.violations.list, j->u.violations.n);
        break;
    /* files */
    case JOB_FIRMWARE:
        pack_firmware(p, &j->u.firmware);
        break;
    case JOB_FILE_JOB:
        pack_file_job(p, &j->u.file_job);
        break;
    case JOB_ROLLOUT:
        pack_rollout(p, &j->u.rollout.row, &j->u.rollout.target, j->u.rollout.n);
        break;
    default: /* texts and numbers only */
        break;
    }
}

struct job *job_copy(const struct job *plan)
{
    struct packer count = { .room = NULL }, copy;
    struct job sizing = *plan;
    pack_job(&count, &sizing);
    size_t head = (sizeof(struct job) + ALIGN - 1) / ALIGN * ALIGN;
    struct job *j = malloc(head + count.used);
    if (j == NULL)
        return NULL;
    *j = *plan;
    copy = (struct packer){ .room = (char *)j + head };
    pack_job(&copy, j);
    assert(copy.used == count.used);
    return j;
}

void job_free(struct job *j)
{
    free(j->result_memory);
    free(j);
}

bool job_is_dry_run(const struct job *j)
{
    return j->kind == JOB_APPLY && j->u.apply.dry_run;
}

/* --- running --- */

static enum store_rc run(struct store_conn *db, struct job *j, int64_t now_ms)
{
    const int64_t *number = j->u.number;
    switch (j->kind) {
    case JOB_APPLY:
        return apply_run(db, &j->u.apply.site, &j->result, &j->result_memory);
    case JOB_STATION_REMOVE:
        return station_remove_run(db, j->text[0], &j->result);
    case JOB_LOCAL_LIST:
        return local_list_run(db, &j->u.local_list);
    case JOB_TAG_REMOVE:
        return tag_remove_run(db, j->text[0], &j->result);
    case JOB_STATION_KEY:
        return station_key_run(db, j->text[0], j->u.key.salt, j->u.key.hash, &j->result);
    case JOB_SECURITY:
        return security_run(db, j->text[0], j->u.security.step, j->u.security.profile,
                            j->u.security.salt, j->u.security.hash, &j->result);
    case JOB_REGISTRATION:
        return registration_run(db, j->text[0], (int32_t)number[0], &j->result);
    case JOB_PROVISION:
        return provision_run(db, j->text[0], number[0], &j->result);
    case JOB_BOOT:
        return boot_run(db, &j->u.boot);
    case JOB_STATUS:
        return status_run(db, &j->u.status);
    case JOB_TX_START:
        return tx_start_run(db, &j->u.start, &j->result);
    case JOB_TX_STOP:
        return tx_stop_run(db, &j->u.stop, &j->result);
    case JOB_METER:
        return meter_run(db, j->u.meter.row, j->u.meter.n, &j->result);
    case JOB_EVENT:
        return event_run(db, &j->u.event);
    case JOB_REFUSED:
        return refused_run(db, &j->u.refused);
    case JOB_CONFIG:
        return config_run(db, j->text[0], j->u.config.key, j->u.config.n, j->u.config.at_ms);
    case JOB_LEASE:
        return lease_run(db, &j->u.lease);
    case JOB_LEASE_OUTCOME:
        return lease_outcome_run(db, &j->u.outcome);
    case JOB_LIFE_RENEW:
        return life_renew_run(db, number[0]);
    case JOB_DECISION:
        return decision_run(db, &j->u.decision);
    case JOB_EVIDENCE:
        return evidence_run(db, &j->u.evidence);
    case JOB_STATION_CLASS:
        return station_class_run(db, j->text[0], (int32_t)number[0]);
    case JOB_NEED:
        return need_run(db, &j->u.need, &j->result);
    case JOB_NEED_CLEAR:
        return need_clear_run(db, number[0], &j->result);
    case JOB_TX_PHASES:
        return tx_phases_run(db, number[0], number[1]);
    case JOB_POINT:
        return point_run(db, j->text[0], (int32_t)number[0], (int32_t)number[1],
                         (int32_t)number[2]);
    case JOB_CLOSE_STALE:
        return close_stale_run(db, number[0], number[1], &j->result);
    case JOB_TX_CLOSE:
        return tx_close_run(db, number[0], j->text[0], j->text[1], number[1], &j->result);
    case JOB_EXPORT:
        return export_run_run(db, j->text[0], j->text[1], j->text[2], number[0], now_ms);
    case JOB_CALL_ASKED:
        return call_asked_run(db, &j->u.call, &j->result);
    case JOB_CALL_BEGUN:
        return call_begun_run(db, number[0]);
    case JOB_CALL_ENDED:
        return call_ended_run(db, &j->u.call);
    case JOB_CALLS_LOST:
        return calls_lost_run(db, number[0]);
    case JOB_RESERVATION:
        return reservation_run(db, &j->u.reservation);
    case JOB_CAP:
        return cap_run(db, &j->u.cap);
    case JOB_SERIES:
        return series_run(db, &j->u.series.edition, j->u.series.quarter, j->u.series.n,
                          &j->result.count.n);
    case JOB_GREEN:
        return green_run(db, &j->u.green);
    case JOB_PROFILE:
        return profile_run(db, &j->u.profile);
    case JOB_PROFILE_FORGET:
        return profile_forget_run(db, &j->u.forget);
    case JOB_CERT_REQUEST:
        return cert_request_run(db, &j->u.cert_request, &j->result);
    case JOB_CERT_CHANGE:
        return cert_change_run(db, number, j->text, &j->result);
    case JOB_CERT_SIGNED:
        return cert_signed_run(db, &j->u.cert.row, j->text[0], &j->result);
    case JOB_CERTIFICATE:
        return certificate_run(db, &j->u.cert.row, &j->result);
    case JOB_CERT_SEEN:
        return cert_seen_run(db, &j->u.cert.row, j->u.cert.at_ms, &j->result);
    case JOB_CERT_REVOKE:
        return cert_revoke_run(db, j->text[0], j->text[1], number[0], &j->result);
    case JOB_CERT_WARNED:
        return cert_warned_run(db, j->text[0], number[0], &j->result);
    case JOB_CERT_INSTALLED:
        return cert_installed_run(db, j->text[0], j->text[1], j->u.installed.list, j->u.installed.n,
                                  j->u.installed.at_ms);
    case JOB_SECURITY_EVENT:
        return security_event_run(db, &j->u.security_event, &j->result);
    case JOB_CONNECTION_OPENED:
        return connection_opened_run(db, &j->u.connection);
    case JOB_CONNECTION_CLOSED:
        return connection_closed_run(db, &j->u.connection);
    case JOB_CONNECTIONS_LOST:
        return connections_lost_run(db, number[0]);
    case JOB_TOKEN:
        return token_run(db, &j->u.token);
    case JOB_TOKEN_REMOVE:
        return token_remove_run(db, j->text[0], &j->result);
    case JOB_REFUSED_CLEAR:
        return refused_clear_run(db, j->text[0], &j->result);
    case JOB_TEMPLATE_REMOVE:
        return template_remove_run(db, j->text[0], &j->result);
    case JOB_WISHES:
        return wishes_run(db, j->text[0], j->u.wishes.wish, j->u.wishes.n);
    case JOB_VIOLATIONS:
        return violations_run(db, j->u.violations.list, j->u.violations.n);
    /* files */
    case JOB_FIRMWARE:
        return firmware_run(db, &j->u.firmware);
    case JOB_FILE_JOB:
        return file_job_run(db, &j->u.file_job);
    case JOB_FILE_FORGET:
        return file_forget_run(db, j->text[0], &j->result);
    case JOB_ROLLOUT:
        return rollout_run(db, &j->u.rollout.row, j->u.rollout.target, j->u.rollout.n);
    }
    return STORE_CONFLICT;
}

enum store_rc job_run(struct store_conn *db, struct job *j, int64_t now_ms)
{
    free(j->result_memory);
    j->result_memory = NULL;
    memset(&j->result, 0, sizeof(j->result));
    j->rc = run(db, j, now_ms);
    return j->rc;
}
