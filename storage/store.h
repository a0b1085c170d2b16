/*
 * Everything that lasts: asynchronous, typed operations on one SQLite file.
 *
 * One writer thread owns the write connection (WAL, synchronous=FULL).  It commits in groups: all
 * that has been submitted while the last commit was under way is the next batch.  An operation's
 * completion is called on the thread that calls store_pump(), after the commit that holds it has
 * returned: who waits for it may then tell the world.
 *
 * All strings and arrays given to a submit function are lent for the call; the store copies.
 * Submit functions never block and never touch the disk.  They return false when nothing was taken
 * (the queue is above its hard limit, or the store is failing or stopping); then no completion
 * comes.
 *
 * What a station that is not known says gets STORE_MISSING, and nothing is written.
 *
 * No SQLite type appears here, so that another store can stand behind the same functions.
 * Instants are UTC milliseconds (_at_ms), energy Wh or micro-Wh, current mA, money cents.
 */
#ifndef STORAGE_STORE_H
#define STORAGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/records.h"

enum store_rc {
    STORE_OK = 0,
    STORE_FULL,     /* disk or quota full: nothing was written; the store keeps probing */
    STORE_IO,       /* the file cannot be read or written */
    STORE_CONFLICT, /* violates a rule of the data, e.g. an apply file that names an unknown node */
    STORE_MISSING,  /* no such record */
    STORE_STOPPED,  /* the store was closed before the commit */
};
const char *store_rc_text(enum store_rc rc);

/* What an operation brings back; which member is set is said at each operation. */
union store_result {
    struct {
        int64_t tx_id;        /* 1..2^31-1, unique over all stations and restarts */
        int32_t auth_status;  /* as stored with the first delivery (enum store_auth) */
        bool duplicate;       /* an earlier delivery of the same start was found */
        bool over;            /* its stop had come before: the session has ended already */
        int64_t closed_tx_id; /* a stale session on the same connector that was closed, or 0 */
    } tx_start;
    struct {
        int64_t tx_id;     /* session it was applied to; 0 = kept as orphan stop */
        int32_t connector; /* of that session, 0 if orphan */
        bool duplicate;    /* was already stopped by this station */
    } tx_stop;
    struct {
        size_t n_changes;
        const struct store_change *change; /* lent until the completion returns */
        const char *error;                 /* one sentence when rc is STORE_CONFLICT, else NULL */
        int32_t first_revision; /* of the first tag that was added or changed; the others follow */
    } apply;
    struct {
        int64_t n;        /* rows touched */
        int32_t revision; /* of a tag's removal */
    } count;
    struct {
        bool revoked, replaced;
    } cert;
};

/* How to come back: fn(arg, rc, result) on the pump's thread, exactly once per accepted submit. */
struct store_done {
    void (*fn)(void *arg, enum store_rc rc,
               const union store_result *result); /* NULL = nobody waits */
    void *arg;
};

struct store_options {
    const char *path;        /* database file; created with mode 0600 if missing */
    bool inline_mode;        /* no thread: store_pump() executes and completes (tests) */
    size_t high_water;       /* jobs; store_is_pressed() is true above.  0 = 20,000 */
    size_t hard_limit;       /* jobs; submits are refused above.  0 = 100,000 */
    int64_t max_bytes;       /* quota of the database file, 0 = none */
    void (*wake)(void *arg); /* called on the writer's thread when completions wait; may be NULL */
    void *wake_arg;
    const char
        *mark_path; /* lent for the call: the mark beside the database; NULL = none is kept */
    int64_t (*now_ms)(void *arg); /* UTC of rows the store stamps itself; NULL = wall clock */
    void *now_arg;
};

struct store;

/**
 * Open or create, migrate to the newest schema, start the writer.  The file is locked until
 * store_close(): a second process gets STORE_CONFLICT.
 * @param ret_text  on failure one sentence that says what is wrong and what to do
 */
enum store_rc store_open(const struct store_options *options, struct store **ret_store,
                         char *ret_text, size_t size);

/* Finishes what is queued, completes it (on this thread), stops the writer, closes.  Readers of the
 * same file in this process are to be closed before.  NULL is fine. */
void store_close(struct store *s);

/** Call completions that wait.  In inline mode: execute all queued jobs in one batch first.
 * @return number of completions called */
size_t store_pump(struct store *s);

/* Health, readable from the pump's thread at any time. */
struct store_health {
    enum store_rc state;      /* STORE_OK, or why nothing can be written right now */
    char text[160];           /* for the operator: what is wrong, what to do */
    int64_t failing_since_ms; /* 0 when fine */
    size_t queued;
    uint64_t commits, jobs;               /* that were stored, since start */
    int64_t commit_us_p50, commit_us_p99; /* of recent commits */
};
void store_health(struct store *s, struct store_health *ret_health);
bool store_is_pressed(
    const struct store *s); /* above the high-water mark: stop reading from stations */

/* --- master data (records.h) --- */

/**
 * Make the lists of `site` part of the configuration, in one transaction: insert or update by key,
 * never delete.  Applying the same twice changes nothing.  Result: apply.
 * @param dry_run  find the changes, check all references, write nothing
 */
bool store_apply(struct store *s, const struct store_site *site, bool dry_run,
                 struct store_done done);
/* Result: count.  A station with sessions is not deleted but marked decommissioned. */
bool store_station_remove(struct store *s, const char *station, struct store_done done);
/* Result: count, with the revision of the removal. */
bool store_tag_remove(struct store *s, const char *id_tag, struct store_done done);
/* Replaces the secret of Basic authentication: salt and SHA-256(salt || key).  Result: count. */
bool store_station_key(struct store *s, const char *station, const uint8_t salt[16],
                       const uint8_t hash[32], struct store_done done);
/* A change of key that was sent to the station and its end (enum store_security).  Result: count.
 */
bool store_security_key(struct store *s, const char *station, enum store_security step,
                        const uint8_t *salt /* 16, NULL for STORE_KEY_BACK */,
                        const uint8_t *hash /* 32 */, struct store_done done);
/* The same of a raise of its security profile. */
bool store_security_profile(struct store *s, const char *station, enum store_security step,
                            int32_t profile, struct store_done done);
/* Registration status the station gets at its next boot (enum store_registration).  Result: count.
 */
bool store_registration(struct store *s, const char *station, int32_t registration,
                        struct store_done done);

/* An unknown station that has connected: a record without grid, key or tariff, registration
 * Pending, one connector.  Result: count; STORE_MISSING when the id has a record (perhaps a
 * decommissioned one), which stays as it is. */
bool store_provision(struct store *s, const char *station, int64_t now_ms, struct store_done done);

/* --- what stations say --- */

bool store_boot(struct store *s, const struct store_boot *boot, struct store_done done);
bool store_status(struct store *s, const struct store_status *status, struct store_done done);
/**
 * StartTransaction: natural key (station, connector, station's timestamp, idTag, meterStart).
 * Found: result of the first delivery, nothing is written.  Else: a new id; an open session on the
 * same connector is closed as provisional; orphan stops that fit are matched.  Result: tx_start.
 */
bool store_tx_start(struct store *s, const struct store_tx_start *tx, struct store_done done);
/**
 * StopTransaction: closes the session (or corrects a provisional end), makes the CDR in the same
 * transaction; a repeated stop changes nothing; unknown ids are kept as orphans.  Result: tx_stop.
 */
bool store_tx_stop(struct store *s, const struct store_tx_stop *tx, struct store_done done);
/* Rows already there (same station, connector, transaction, time and content) are skipped. Result:
 * count. */
bool store_meter(struct store *s, const struct store_meter *row, size_t n, struct store_done done);
/* Log of everything an operator may look for: refused calls, violations, security events, alarms.
 */
bool store_event(struct store *s, const struct store_event *event, struct store_done done);
/* A refused connection; counted per (identity, reason). */
bool store_refused(struct store *s, const struct store_refused *refused, struct store_done done);
/* Configuration keys a station reported (GetConfiguration).  Replaces by key. */
bool store_station_config(struct store *s, const char *station, const struct store_config_key *key,
                          size_t n, int64_t at_ms, struct store_done done);

/* --- what operators ask of stations --- */

/* A new row of the call log, with any outcome.  Result: count, n = its id. */
bool store_call_asked(struct store *s, const struct store_call *call, struct store_done done);
/* The row goes from queued to under way. */
bool store_call_begun(struct store *s, int64_t id, struct store_done done);
/* What came of it: outcome, sent_at_ms, finished_at_ms and answer of `call`. */
bool store_call_ended(struct store *s, const struct store_call *call, struct store_done done);
/* At start: what was under way is lost, what waited and is not whole has expired. */
bool store_calls_lost(struct store *s, int64_t at_ms, struct store_done done);

/* Insert, or replace the record of the same num. */
bool store_reservation(struct store *s, const struct store_reservation *r, struct store_done done);

/* A new cap, or one of that id that has begun or ended: nothing else of it changes. */
bool store_cap(struct store *s, const struct store_cap *cap, struct store_done done);

/* --- green hours --- */

/* A new edition of a series (edition is given, from_ms and until_ms are of the quarters).
 * Result: count = the edition. */
bool store_series(struct store *s, const struct store_edition *edition,
                  const struct store_quarter *quarter, size_t n, struct store_done done);
/* A session waits for better hours; what was said of it first stays. */
bool store_green(struct store *s, const struct store_green_session *green, struct store_done done);

/* The station took a profile: replaces that of the same id, and that of the same connector,
 * purpose, stack level and transaction (OCPP 1.6 section 3.13.2). */
bool store_profile(struct store *s, const struct store_profile *profile, struct store_done done);
bool store_profile_forget(struct store *s, const struct store_profile_filter *filter,
                          struct store_done done);

/* --- local authorization lists --- */

/* Insert or replace the record of a station's list. */
bool store_local_list(struct store *s, const struct store_local_list *list, struct store_done done);

/* --- certificates --- */

/* A new request; open ones of the same station are replaced, its newest 50 are kept.  Result:
 * count, n = its id. */
bool store_cert_request(struct store *s, const struct store_cert_request *request,
                        struct store_done done);
/**
 * A request goes from one state to another.  Result: count, STORE_MISSING when it was not in
 * `from`.
 * @param from       bit per state: 1 << STORE_CERT_PENDING | ...
 * @param who, why   NULL = as they are; note likewise
 */
bool store_cert_change(struct store *s, int64_t request, uint32_t from, int32_t to, const char *who,
                       const char *why, const char *note, int64_t at_ms, struct store_done done);
/* A request was signed: it is SIGNED with this chain, its certificate is kept.  Result: count,
 * STORE_MISSING when it was not open. */
bool store_cert_signed(struct store *s, const struct store_certificate *certificate,
                       const char *chain, struct store_done done);
/* Keep a certificate; of one that is known the first of its kinds counts (a CA that is installed as
 * root stays a CA).  Result: count. */
bool store_certificate(struct store *s, const struct store_certificate *certificate,
                       struct store_done done);
/* A station showed it: kept; the station's others are replaced if it is newer.  Result: cert. */
bool store_cert_seen(struct store *s, const struct store_certificate *certificate, int64_t at_ms,
                     struct store_done done);
/* note: who and why.  Result: count. */
bool store_cert_revoke(struct store *s, const char *fingerprint, const char *note, int64_t at_ms,
                       struct store_done done);
/* Its end was told about, `days` before.  Result: count. */
bool store_cert_warned(struct store *s, const char *fingerprint, int32_t days,
                       struct store_done done);
/* All that a station reported for one type; replaces what was there. */
bool store_cert_installed(struct store *s, const char *station, const char *type,
                          const struct store_installed *list, size_t n, int64_t at_ms,
                          struct store_done done);
/* --- files --- */

/* Insert, or replace the record of the same number. */
bool store_firmware(struct store *s, const struct store_firmware *f, struct store_done done);
bool store_file_job(struct store *s, const struct store_file_job *job, struct store_done done);
/* The upload is kept no more (file, size and sha256 of its job go).  Result: count. */
bool store_file_forget(struct store *s, const char *file, struct store_done done);
/* A rollout and its targets, in one transaction; later with those that have changed, or none. */
bool store_rollout(struct store *s, const struct store_rollout *rollout,
                   const struct store_rollout_target *target, size_t n, struct store_done done);

/* --- configuration as wanted, deviations by model --- */

/* Result: count. */
bool store_template_remove(struct store *s, const char *id, struct store_done done);
/* All that is wanted of a station and how it stands; replaces what was there. */
bool store_wishes(struct store *s, const char *station, const struct store_key_wish *wish, size_t n,
                  struct store_done done);
/* Adds to the counts; kinds that were not seen for longest go beyond 5,000. */
bool store_violations(struct store *s, const struct store_violation *list, size_t n,
                      struct store_done done);

/* --- what the scheduler must not forget --- */

/* Written and committed before the profile is sent, unless older leases cover it.  Older ended
 * leases of the point are removed.
 */
bool store_lease(struct store *s, const struct store_lease *lease, struct store_done done);
/* Replaces what was known of the station, with whatever firmware, or of the model. */
bool store_evidence(struct store *s, const struct store_evidence *evidence, struct store_done done);
/* The class as configured (0..4), by the operator: evidence about the station goes. */
bool store_station_class(struct store *s, const char *station, int32_t class,
                         struct store_done done);
/*
 * Is the database the one to which the last lease was written?  What the mark beside it says
 * (mark.h) against what it knows itself, found at open.
 */
enum store_trust_state {
    STORE_TRUSTED = 0,   /* or: no mark is kept */
    STORE_TRUST_OLDER,   /* leases were given that it does not know: a backup put back */
    STORE_TRUST_OTHER,   /* not the database of the mark: empty, from elsewhere, before a doubt */
    STORE_TRUST_NO_MARK, /* it has a history but no mark: upgraded, or the mark was removed */
    STORE_TRUST_MOVED,   /* the mark lies elsewhere than it was written: a copy of the folder */
    STORE_TRUST_DAMAGED, /* the mark cannot be read */
};
struct store_trust {
    enum store_trust_state state;
    int64_t number, marked;  /* of the newest lease: in the database, in the mark */
    int64_t longest_ms;      /* longest lease that the mark knows of, 0 = none */
    int64_t doubt_until_ms;  /* as of the last store_life_renew(); STORE_ABSENT = never doubted */
    const char *mark_failed; /* why the mark could not be written; NULL = it could, or there is none
                                to write */
};
void store_trust(struct store *s, struct store_trust *ret);
/* What the database has lost is accounted for (all jobs submitted before): from its commit on it is
 * the one that counts, as another than it was.  Until then the old mark stays as it is. */
bool store_life_renew(struct store *s, int64_t doubt_until_ms, struct store_done done);
/* A decision without a lease: the safe current. */
bool store_decision(struct store *s, const struct store_decision *decision, struct store_done done);
/* A station's answer, so that a restart does not count what is no longer in force.  Of a lease that
 * could not be written nothing is noted: the older ones stay. */
bool store_lease_outcome(struct store *s, const struct store_lease_outcome *outcome,
                         struct store_done done);
/* What was told of an active session; replaces what was told before.  Result: count, 0 when the
 * session is not active. */
bool store_need(struct store *s, const struct store_need *need, struct store_done done);
/* Nothing is told of it any more.  Result: count, 0 when nothing was. */
bool store_need_clear(struct store *s, int64_t tx_id, struct store_done done);
/* Grid phases an active session was found to use (bit p of phases). */
bool store_tx_phases(struct store *s, int64_t tx_id, uint8_t phases, struct store_done done);
/* TxDefaultProfile at safe_ma was accepted (or -1: no longer sure); class as learnt. */
bool store_point(struct store *s, const char *station, int32_t connector, int32_t safe_confirmed_ma,
                 int32_t class, struct store_done done);

/* --- housekeeping --- */

/* Closes sessions without news since before_ms with their last known register, provisionally, and
 * makes their CDRs.  Result: count. */
bool store_close_stale(struct store *s, int64_t before_ms, int64_t now_ms, struct store_done done);
/* Closes one session by an operator's word; reason and who are kept.  Result: tx_stop. */
bool store_tx_close(struct store *s, int64_t tx_id, const char *who, const char *reason,
                    int64_t at_ms, struct store_done done);
/* Counts a finished report or export in export_run (kind, period, file name, sha256 hex, rows). */
bool store_export_run(struct store *s, const char *kind, const char *period, const char *sha256,
                      int64_t rows, struct store_done done);

/* --- what watches over the stations --- */

/* A security event, with its entry in the event list.  Result: count = its id, 0 = it is there. */
bool store_security_event(struct store *s, const struct store_security_event *security,
                          struct store_done done);
/* A connection begins: the last ten of each station are kept.  And ends (by station and link). */
bool store_connection_opened(struct store *s, const struct store_connection *connection);
bool store_connection_closed(struct store *s, const struct store_connection *connection);
/* At start: those that are open in the records ended with the last noxd, by this instant. */
bool store_connections_lost(struct store *s, int64_t at_ms);
/* Who may use the admin API over https: a new token, or another in its place.  And no longer:
 * result count, 0 = there was none. */
bool store_token(struct store *s, const struct store_token *token, struct store_done done);
bool store_token_remove(struct store *s, const char *name, struct store_done done);

/* Forget refused connections of an identity, NULL = all.  Result: count. */
bool store_refused_clear(struct store *s, const char *identity, struct store_done done);

#endif
