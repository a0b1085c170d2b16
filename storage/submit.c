/* The operations of store.h as jobs. */
#include <string.h>

#include "storage/job.h"
#include "storage/store.h"

bool store_apply(struct store *s, const struct store_site *site, bool dry_run,
                 struct store_done done)
{
    struct job j = { .kind = JOB_APPLY, .u.apply = { *site, dry_run } };
    return store_submit(s, &j, done);
}

bool store_station_remove(struct store *s, const char *station, struct store_done done)
{
    struct job j = { .kind = JOB_STATION_REMOVE, .text = { station } };
    return store_submit(s, &j, done);
}

bool store_tag_remove(struct store *s, const char *id_tag, struct store_done done)
{
    struct job j = { .kind = JOB_TAG_REMOVE, .text = { id_tag } };
    return store_submit(s, &j, done);
}

bool store_station_key(struct store *s, const char *station, const uint8_t salt[16],
                       const uint8_t hash[32], struct store_done done)
{
    struct job j = { .kind = JOB_STATION_KEY, .text = { station } };
    memcpy(j.u.key.salt, salt, sizeof(j.u.key.salt));
    memcpy(j.u.key.hash, hash, sizeof(j.u.key.hash));
    return store_submit(s, &j, done);
}

bool store_security_key(struct store *s, const char *station, enum store_security step,
                        const uint8_t *salt, const uint8_t *hash, struct store_done done)
{
    struct job j = { .kind = JOB_SECURITY, .text = { station }, .u.security = { .step = step } };
    if (salt != NULL) {
        memcpy(j.u.security.salt, salt, sizeof(j.u.security.salt));
        memcpy(j.u.security.hash, hash, sizeof(j.u.security.hash));
    }
    return store_submit(s, &j, done);
}

bool store_security_profile(struct store *s, const char *station, enum store_security step,
                            int32_t profile, struct store_done done)
{
    struct job j = { .kind = JOB_SECURITY,
                     .text = { station },
                     .u.security = { .step = step, .profile = profile } };
    return store_submit(s, &j, done);
}

bool store_registration(struct store *s, const char *station, int32_t registration,
                        struct store_done done)
{
    struct job j = { .kind = JOB_REGISTRATION, .text = { station }, .u.number = { registration } };
    return store_submit(s, &j, done);
}

bool store_provision(struct store *s, const char *station, int64_t now_ms, struct store_done done)
{
    struct job j = { .kind = JOB_PROVISION, .text = { station }, .u.number = { now_ms } };
    return store_submit(s, &j, done);
}

bool store_boot(struct store *s, const struct store_boot *boot, struct store_done done)
{
    struct job j = { .kind = JOB_BOOT, .u.boot = *boot };
    return store_submit(s, &j, done);
}

bool store_status(struct store *s, const struct store_status *status, struct store_done done)
{
    struct job j = { .kind = JOB_STATUS, .u.status = *status };
    return store_submit(s, &j, done);
}

bool store_tx_start(struct store *s, const struct store_tx_start *tx, struct store_done done)
{
    struct job j = { .kind = JOB_TX_START, .u.start = *tx };
    return store_submit(s, &j, done);
}

bool store_tx_stop(struct store *s, const struct store_tx_stop *tx, struct store_done done)
{
    struct job j = { .kind = JOB_TX_STOP, .u.stop = *tx };
    return store_submit(s, &j, done);
}

bool store_meter(struct store *s, const struct store_meter *row, size_t n, struct store_done done)
{
    struct job j = { .kind = JOB_METER, .u.meter = { row, n } };
    return store_submit(s, &j, done);
}

bool store_event(struct store *s, const struct store_event *event, struct store_done done)
{
    struct job j = { .kind = JOB_EVENT, .u.event = *event };
    return store_submit(s, &j, done);
}

bool store_refused(struct store *s, const struct store_refused *refused, struct store_done done)
{
    struct job j = { .kind = JOB_REFUSED, .u.refused = *refused };
    return store_submit(s, &j, done);
}

bool store_station_config(struct store *s, const char *station, const struct store_config_key *key,
                          size_t n, int64_t at_ms, struct store_done done)
{
    struct job j = { .kind = JOB_CONFIG, .text = { station }, .u.config = { key, n, at_ms } };
    return store_submit(s, &j, done);
}

bool store_lease(struct store *s, const struct store_lease *lease, struct store_done done)
{
    struct job j = { .kind = JOB_LEASE, .u.lease = *lease };
    return store_submit(s, &j, done);
}

bool store_evidence(struct store *s, const struct store_evidence *evidence, struct store_done done)
{
    struct job j = { .kind = JOB_EVIDENCE, .u.evidence = *evidence };
    return store_submit(s, &j, done);
}

bool store_station_class(struct store *s, const char *station, int32_t class,
                         struct store_done done)
{
    struct job j = { .kind = JOB_STATION_CLASS, .text = { station }, .u.number = { class } };
    return store_submit(s, &j, done);
}

bool store_decision(struct store *s, const struct store_decision *decision, struct store_done done)
{
    struct job j = { .kind = JOB_DECISION, .u.decision = *decision };
    return store_submit(s, &j, done);
}

bool store_lease_outcome(struct store *s, const struct store_lease_outcome *outcome,
                         struct store_done done)
{
    struct job j = { .kind = JOB_LEASE_OUTCOME, .u.outcome = *outcome };
    return store_submit(s, &j, done);
}

bool store_need(struct store *s, const struct store_need *need, struct store_done done)
{
    struct job j = { .kind = JOB_NEED, .u.need = *need };
    return store_submit(s, &j, done);
}

bool store_need_clear(struct store *s, int64_t tx_id, struct store_done done)
{
    struct job j = { .kind = JOB_NEED_CLEAR, .u.number = { tx_id } };
    return store_submit(s, &j, done);
}

bool store_tx_phases(struct store *s, int64_t tx_id, uint8_t phases, struct store_done done)
{
    struct job j = { .kind = JOB_TX_PHASES, .u.number = { tx_id, phases } };
    return store_submit(s, &j, done);
}

bool store_point(struct store *s, const char *station, int32_t connector, int32_t safe_confirmed_ma,
                 int32_t class, struct store_done done)
{
    struct job j = { .kind = JOB_POINT,
                     .text = { station },
                     .u.number = { connector, safe_confirmed_ma, class } };
    return store_submit(s, &j, done);
}

bool store_close_stale(struct store *s, int64_t before_ms, int64_t now_ms, struct store_done done)
{
    struct job j = { .kind = JOB_CLOSE_STALE, .u.number = { before_ms, now_ms } };
    return store_submit(s, &j, done);
}

bool store_tx_close(struct store *s, int64_t tx_id, const char *who, const char *reason,
                    int64_t at_ms, struct store_done done)
{
    struct job j = { .kind = JOB_TX_CLOSE, .text = { who, reason }, .u.number = { tx_id, at_ms } };
    return store_submit(s, &j, done);
}

bool store_export_run(struct store *s, const char *kind, const char *period, const char *sha256,
                      int64_t rows, struct store_done done)
{
    struct job j = { .kind = JOB_EXPORT, .text = { kind, period, sha256 }, .u.number = { rows } };
    return store_submit(s, &j, done);
}

/* --- what operators ask of stations --- */

bool store_call_asked(struct store *s, const struct store_call *call, struct store_done done)
{
    struct job j = { .kind = JOB_CALL_ASKED, .u.call = *call };
    return store_submit(s, &j, done);
}

bool store_call_begun(struct store *s, int64_t id, struct store_done done)
{
    struct job j = { .kind = JOB_CALL_BEGUN, .u.number = { id } };
    return store_submit(s, &j, done);
}

bool store_call_ended(struct store *s, const struct store_call *call, struct store_done done)
{
    struct job j = { .kind = JOB_CALL_ENDED, .u.call = *call };
    return store_submit(s, &j, done);
}

bool store_life_renew(struct store *s, int64_t doubt_until_ms, struct store_done done)
{
    struct job j = { .kind = JOB_LIFE_RENEW, .u.number = { doubt_until_ms } };
    return store_submit(s, &j, done);
}

bool store_calls_lost(struct store *s, int64_t at_ms, struct store_done done)
{
    struct job j = { .kind = JOB_CALLS_LOST, .u.number = { at_ms } };
    return store_submit(s, &j, done);
}

bool store_reservation(struct store *s, const struct store_reservation *r, struct store_done done)
{
    struct job j = { .kind = JOB_RESERVATION, .u.reservation = *r };
    return store_submit(s, &j, done);
}

bool store_cap(struct store *s, const struct store_cap *cap, struct store_done done)
{
    struct job j = { .kind = JOB_CAP, .u.cap = *cap };
    return store_submit(s, &j, done);
}

bool store_series(struct store *s, const struct store_edition *edition,
                  const struct store_quarter *quarter, size_t n, struct store_done done)
{
    struct job j = { .kind = JOB_SERIES, .u.series = { *edition, quarter, n } };
    return store_submit(s, &j, done);
}

bool store_green(struct store *s, const struct store_green_session *green, struct store_done done)
{
    struct job j = { .kind = JOB_GREEN, .u.green = *green };
    return store_submit(s, &j, done);
}

bool store_profile(struct store *s, const struct store_profile *profile, struct store_done done)
{
    struct job j = { .kind = JOB_PROFILE, .u.profile = *profile };
    return store_submit(s, &j, done);
}

bool store_profile_forget(struct store *s, const struct store_profile_filter *filter,
                          struct store_done done)
{
    struct job j = { .kind = JOB_PROFILE_FORGET, .u.forget = *filter };
    return store_submit(s, &j, done);
}

/* --- certificates --- */

bool store_local_list(struct store *s, const struct store_local_list *list, struct store_done done)
{
    struct job j = { .kind = JOB_LOCAL_LIST, .u.local_list = *list };
    return store_submit(s, &j, done);
}

bool store_cert_request(struct store *s, const struct store_cert_request *request,
                        struct store_done done)
{
    struct job j = { .kind = JOB_CERT_REQUEST, .u.cert_request = *request };
    return store_submit(s, &j, done);
}

bool store_cert_change(struct store *s, int64_t request, uint32_t from, int32_t to, const char *who,
                       const char *why, const char *note, int64_t at_ms, struct store_done done)
{
    struct job j = { .kind = JOB_CERT_CHANGE,
                     .text = { who, why, note },
                     .u.number = { request, from, to, at_ms } };
    return store_submit(s, &j, done);
}

bool store_cert_signed(struct store *s, const struct store_certificate *certificate,
                       const char *chain, struct store_done done)
{
    struct job j = { .kind = JOB_CERT_SIGNED, .text = { chain }, .u.cert.row = *certificate };
    return store_submit(s, &j, done);
}

bool store_certificate(struct store *s, const struct store_certificate *certificate,
                       struct store_done done)
{
    struct job j = { .kind = JOB_CERTIFICATE, .u.cert.row = *certificate };
    return store_submit(s, &j, done);
}

bool store_cert_seen(struct store *s, const struct store_certificate *certificate, int64_t at_ms,
                     struct store_done done)
{
    struct job j = { .kind = JOB_CERT_SEEN, .u.cert = { *certificate, at_ms } };
    return store_submit(s, &j, done);
}

bool store_cert_revoke(struct store *s, const char *fingerprint, const char *note, int64_t at_ms,
                       struct store_done done)
{
    struct job j = { .kind = JOB_CERT_REVOKE,
                     .text = { fingerprint, note },
                     .u.number = { at_ms } };
    return store_submit(s, &j, done);
}

bool store_cert_warned(struct store *s, const char *fingerprint, int32_t days,
                       struct store_done done)
{
    struct job j = { .kind = JOB_CERT_WARNED, .text = { fingerprint }, .u.number = { days } };
    return store_submit(s, &j, done);
}

bool store_cert_installed(struct store *s, const char *station, const char *type,
                          const struct store_installed *list, size_t n, int64_t at_ms,
                          struct store_done done)
{
    struct job j = { .kind = JOB_CERT_INSTALLED,
                     .text = { station, type },
                     .u.installed = { list, n, at_ms } };
    return store_submit(s, &j, done);
}

/* --- what watches over the stations --- */

bool store_security_event(struct store *s, const struct store_security_event *security,
                          struct store_done done)
{
    struct job j = { .kind = JOB_SECURITY_EVENT, .u.security_event = *security };
    return store_submit(s, &j, done);
}

bool store_connection_opened(struct store *s, const struct store_connection *connection)
{
    struct job j = { .kind = JOB_CONNECTION_OPENED, .u.connection = *connection };
    struct store_done nobody = { .fn = NULL };
    return store_submit(s, &j, nobody);
}

bool store_connection_closed(struct store *s, const struct store_connection *connection)
{
    struct job j = { .kind = JOB_CONNECTION_CLOSED, .u.connection = *connection };
    struct store_done nobody = { .fn = NULL };
    return store_submit(s, &j, nobody);
}

bool store_connections_lost(struct store *s, int64_t at_ms)
{
    struct job j = { .kind = JOB_CONNECTIONS_LOST, .u.number = { at_ms } };
    struct store_done nobody = { .fn = NULL };
    return store_submit(s, &j, nobody);
}

bool store_token(struct store *s, const struct store_token *token, struct store_done done)
{
    struct job j = { .kind = JOB_TOKEN, .u.token = *token };
    return store_submit(s, &j, done);
}

bool store_token_remove(struct store *s, const char *name, struct store_done done)
{
    struct job j = { .kind = JOB_TOKEN_REMOVE, .text = { name } };
    return store_submit(s, &j, done);
}

bool store_refused_clear(struct store *s, const char *identity, struct store_done done)
{
    struct job j = { .kind = JOB_REFUSED_CLEAR, .text = { identity } };
    return store_submit(s, &j, done);
}

/* --- configuration as wanted, deviations by model --- */

bool store_template_remove(struct store *s, const char *id, struct store_done done)
{
    struct job j = { .kind = JOB_TEMPLATE_REMOVE, .text = { id } };
    return store_submit(s, &j, done);
}

bool store_wishes(struct store *s, const char *station, const struct store_key_wish *wish, size_t n,
                  struct store_done done)
{
    struct job j = { .kind = JOB_WISHES, .text = { station }, .u.wishes = { wish, n } };
    return store_submit(s, &j, done);
}

bool store_violations(struct store *s, const struct store_violation *list, size_t n,
                      struct store_done done)
{
    struct job j = { .kind = JOB_VIOLATIONS, .u.violations = { list, n } };
    return store_submit(s, &j, done);
}

/* --- files --- */

bool store_firmware(struct store *s, const struct store_firmware *f, struct store_done done)
{
    struct job j = { .kind = JOB_FIRMWARE, .u.firmware = *f };
    return store_submit(s, &j, done);
}

bool store_file_job(struct store *s, const struct store_file_job *job, struct store_done done)
{
    struct job j = { .kind = JOB_FILE_JOB, .u.file_job = *job };
    return store_submit(s, &j, done);
}

bool store_file_forget(struct store *s, const char *file, struct store_done done)
{
    struct job j = { .kind = JOB_FILE_FORGET, .text = { file } };
    return store_submit(s, &j, done);
}

bool store_rollout(struct store *s, const struct store_rollout *rollout,
                   const struct store_rollout_target *target, size_t n, struct store_done done)
{
    struct job j = { .kind = JOB_ROLLOUT, .u.rollout = { *rollout, target, n } };
    return store_submit(s, &j, done);
}
