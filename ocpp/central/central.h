/*
 * The behaviour of a central system: a station's words become facts, the scheduler's decisions
 * become words.
 *
 * No sockets, no clock, no log, no threads: events and the time go in, frames go out through one
 * small port.  All functions are called on one thread (the loop).  The store behind it completes on
 * the same thread (store_pump()).
 */
#ifndef OCPP_CENTRAL_CENTRAL_H
#define OCPP_CENTRAL_CENTRAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/wire/action.h"
#include "ocpp/wire/field.h"
#include "scheduler/plan.h"
#include "storage/reader.h"
#include "storage/store.h"

/* The only form in which time enters. */
struct instant {
    int64_t utc_ms;  /* wall clock: timestamps, tariffs, schedules, leases */
    int64_t mono_ms; /* never jumps: time-outs, retries */
};

struct central; /* the whole */
struct session; /* one authenticated websocket of one station */

/* Which certificate requests are signed without asking an operator. */
enum central_cert_policy {
    CENTRAL_CERT_MANUAL,
    CENTRAL_CERT_RENEWALS, /* of stations that show a valid certificate of ours for the same CN */
    CENTRAL_CERT_AUTO,
};

/* A certificate request to be judged; strings lent. */
struct central_csr {
    uint64_t ticket;
    const char *station, *csr; /* as received */
    const char *certificate;   /* fingerprint of the one the station showed; "" = none */
};

/* A one-time address for a transfer. */
struct central_offer {
    int64_t job;
    int32_t kind;     /* enum store_file_kind */
    int64_t firmware; /* of a download */
    const char *station;
    int32_t security_profile;
    char url[600];  /* returned */
    char token[65]; /* returned: SHA-256 of the token in it, hexadecimal */
};

/* Ways out.  `link` is what central_connected() was given. */
struct central_port {
    void *arg;
    /* Queue one text frame; false when the queue's hard bound is reached (the link is then closed).
     */
    bool (*send)(void *arg, void *link, const char *text, size_t len);
    /* Close with a websocket status code; central_closed() must NOT be called for this link again.
     */
    void (*close)(void *arg, void *link, uint16_t code, const char *reason);
    /* Something an operator may want to read; already submitted to the store's event list. */
    void (*event)(void *arg, const struct store_event *event);
    /* A new salt and SHA-256(salt || key); false when there is no randomness.  NULL: changes of
     * keys are not followed. */
    bool (*key_hash)(void *arg, const uint8_t *key, size_t len, uint8_t ret_salt[16],
                     uint8_t ret_hash[32]);
    /* Seeds and jitter: 64 random bits. */
    uint64_t (*random)(void *arg);
    /* Make an address for the station behind link; false: there is none.  NULL = never. */
    bool (*offer)(void *arg, void *link, struct central_offer *offer);
    /* A transfer has changed; the token is good while its state says that it is not over. */
    void (*file_changed)(void *arg, const struct store_file_job *job);
    /* Judge a certificate request: central_csr_judged() with its ticket, now or later.  NULL: all
     * are answered Rejected. */
    void (*csr_judge)(void *arg, const struct central_csr *csr);
    /* Sign an approved one: central_csr_signed(), not before this has returned.  Strings lent. */
    void (*csr_sign)(void *arg, int64_t request, const char *station, const char *csr);
};

struct central_options {
    struct store *store;
    struct central_port port;
    int32_t heartbeat_s;        /* interval of BootNotification.conf, default 300 */
    int32_t boot_retry_s;       /* interval while Pending or Rejected, default 60 */
    int64_t call_timeout_ms;    /* until a request to a station counts as unanswered, 30 s */
    size_t call_queue_max;      /* waiting requests per station, default 32 */
    int32_t meter_interval_s;   /* MeterValueSampleInterval set at boot of balanced stations, 60 */
    int64_t stale_after_ms;     /* sessions without news are closed provisionally, 7 days */
    int32_t cert_policy;        /* enum central_cert_policy, default renewals */
    const char *cpo_name;       /* set in stations that report another CpoName: it becomes the O of
                                   their certificate requests; NULL = none.  Lent */
    int64_t cert_wait_ms;       /* from SignCertificate.conf to CertificateSigned, 5 s: stations are
                                   not ready sooner */
    size_t waiting_max;         /* unknown stations that wait for approval, 500 */
    int64_t waiting_keep_ms;    /* ... are forgotten when not seen for so long, 30 days */
    int64_t time_factor;        /* simulated milliseconds of utc per millisecond of mono, 1 */
    bool local_lists;           /* keep them, at stations that are to have one; true */
    struct sched_tuning tuning; /* sched_default_tuning() */
};
struct central_options central_default_options(void);

struct central *central_new(const struct central_options *options, struct instant now);
/* After store_close(): completions of the store name stations of this central. */
void central_free(struct central *c);

/**
 * Take over the configuration, at start and after each committed apply.  Stations that are no
 * longer known are closed.  The scheduler is rebuilt; its ledger is kept.
 * @param site  complete site (reader_site()); lent
 * @return false with one sentence when the grid is inconsistent (nothing is changed then)
 */
bool central_configure(struct central *c, const struct store_site *site, struct instant now,
                       char *ret_text, size_t size);
/* Would central_configure() take this site?  false with one sentence. */
bool central_check(const struct store_site *site, char *ret_text, size_t size);
/* A site as the scheduler takes it, beside the live state: any thread (simulations). */
struct central_model;
/** @param site  lent until central_model_free()
 * @return NULL with one sentence when the scheduler would not take the site */
struct central_model *central_model_new(const struct store_site *site, char *ret_text, size_t size);
void central_model_free(struct central_model *m); /* NULL is fine */
/* Lent; nodes are in the order of the site's grid. */
const struct sched_conf *central_model_conf(const struct central_model *m);
/* The connector of a point. */
void central_model_place(const struct central_model *m, size_t point, const char **ret_station,
                         int32_t *ret_connector);
/* @return SIZE_MAX: it hangs on no node */
size_t central_model_point(const struct central_model *m, const char *station, int32_t connector);
/* Do all safe currents of a complete site fit below every node, whatever happens, at every instant
 * of the year from from_ms on?  false with one sentence that names the node and what to change. */
bool central_prove(const struct store_site *site, int64_t from_ms, char *ret_text, size_t size);

/* The same with all that does not fit.  Any thread; costs seconds for very large sites. */
struct central_proof {
    const struct store_site *site;
    const struct store_cap *cap; /* that have not ended */
    size_t n_caps;
    int64_t from_ms;
};
/* A point in a sum: at its safe current, or at its rating. */
struct central_culprit_point {
    const char *station;
    int32_t connector, ma;
    bool at_rating;
};
struct central_culprit {
    const char *node;
    const struct sched_culprit *what; /* its node is the place in the site */
    const struct central_culprit_point *point;
    size_t n_points;
};
/**
 * @param row  for each node and phase whose sum does not fit; all lent.  May be NULL
 * @param ret_text  the first in one sentence; or why the site cannot be proven
 * @return how many there are; 0 = it holds; SIZE_MAX = the grid is inconsistent
 */
size_t central_prove_each(const struct central_proof *proof,
                          void (*row)(void *arg, const struct central_culprit *culprit), void *arg,
                          char *ret_text, size_t size);
/* After central_configure() at start: open sessions and leases as they were written. */
void central_restore_session(struct central *c, const struct store_session *session,
                             struct instant now);
/* What was told of a session, as the scheduler takes it. */
struct central_need {
    bool told;
    struct sched_need need;
    int64_t told_at_ms;
    char who[40];
};
/* What was told of an open session was written (store_need()), or taken back (cleared): it counts
 * from now on.  Another session is passed over. */
void central_session_need(struct central *c, const struct store_need *need, bool cleared,
                          struct instant now);
/* Told for the session that a pending remote start will begin; forgotten with it, and by a restart.
 * @return false: no start is pending at the connector */
bool central_next_need(struct central *c, const char *station, int32_t connector,
                       const struct store_need *need);
/**
 * Open sessions of a number, or of a station.
 * @param station  NULL = any
 * @param tx_id  0 = any
 * @return how many; ret_i and ret_k name the first one for central_connector_view()
 */
size_t central_session_find(const struct central *c, const char *station, int64_t tx_id,
                            size_t *ret_i, size_t *ret_k);
/* A session was closed by a person (store_tx_close()): its current goes to others. */
void central_forget_session(struct central *c, int64_t tx_id, struct instant now);
void central_restore_lease(struct central *c, const struct store_lease *lease, struct instant now);
/*
 * The database may not know all leases that were given before, of which the last ends at until_ms:
 * points of the grid count at their rating.  After all else is restored.
 *
 * @param all  every point; false: this has been written before, and only points that come count
 */
void central_doubt(struct central *c, int64_t until_ms, bool all, struct instant now);

/* What the handshake must know of an identity; NULL = unknown station. */
struct central_identity {
    const char *id;
    int32_t security_profile;
    bool has_key, lax_subprotocol;
    const uint8_t *key_salt /* 16 */, *key_hash /* 32 */;
    /* A change that was sent and not seen at work yet: the station may come either way. */
    int32_t pending_profile; /* higher than security_profile; 0 = none */
    bool has_pending_key;
    const uint8_t *pending_salt /* 16 */, *pending_hash /* 32 */;
    const char *certificate_cn; /* CN of its client certificate; NULL = the id */
    bool has_old_key;           /* not valid any more, but good to recognise */
    const uint8_t *old_salt /* 16 */, *old_hash /* 32 */;
};
const struct central_identity *central_identity(const struct central *c, const char *id);
/* An identity that differs only in case, for the error text; NULL if none. */
const char *central_identity_like(const struct central *c, const char *id);

/**
 * Make an unknown identity a known station without grid, key or tariff, registration Pending
 * (--unknown-stations pending); also written to the store.
 */
const struct central_identity *central_provision(struct central *c, const char *id,
                                                 struct instant now);

/**
 * A station's socket is authenticated and upgraded.  An older one of the same station is closed
 * (newest wins), its pending request fails.
 * @param link  handed back in the port's send and close
 * @return NULL if the station is unknown or memory is out
 */
struct session *central_connected(struct central *c, const char *id, void *link,
                                  const char *address, struct instant now);
/* By what it proved itself at the handshake: the security profile, and whether by the key that was
 * sent to it last.  Ends a pending change of either. */
void central_proved(struct central *c, struct session *s, int32_t profile, bool by_pending_key,
                    struct instant now);
/* One complete text message, not NUL-terminated. */
void central_on_frame(struct central *c, struct session *s, const char *text, size_t len,
                      struct instant now);
/* The socket has gone (not called after port.close()).  why: for people, NULL = not known. */
void central_closed(struct central *c, struct session *s, const char *why, struct instant now);
/* A sign of life below the messages: the station answered a websocket ping. */
void central_alive(struct central *c, struct session *s, struct instant now);
/* The link of a station's socket, NULL when it is not connected. */
void *central_link(const struct central *c, const char *station);
/* Identity of the session's station; valid as long as the session. */
const char *central_session_station(const struct session *s);

/* Run everything due, then tell when to come back (mono_ms, or INT64_MAX). */
int64_t central_tick(struct central *c, struct instant now);

/* --- requests to stations --- */

enum central_outcome {
    CENTRAL_ANSWERED,   /* CALLRESULT; payload set (its status may well be Rejected) */
    CENTRAL_CALLERROR,  /* error_code, text set */
    CENTRAL_TIMEOUT,    /* no answer in time; a late one is dropped by its id */
    CENTRAL_LOST,       /* the connection broke while waiting: outcome unknown */
    CENTRAL_OFFLINE,    /* not connected: nothing was sent */
    CENTRAL_QUEUE_FULL, /* too many waiting: nothing was sent */
    CENTRAL_REPLACED,   /* a newer request of the same kind took its place: nothing was sent */
    CENTRAL_REFUSED,    /* would set current limits on a balanced connector: nothing was sent */
    CENTRAL_QUEUED,     /* waits for the station to connect; the call log will tell */
};
struct central_reply {
    enum central_outcome outcome;
    json_t *payload;        /* lent, ANSWERED only */
    const char *error_code; /* CALLERROR only */
    const char *text;       /* description, for people; never NULL */
    int64_t sent_at_ms;     /* 0 = it was not sent */
    int64_t call_id;        /* of the call log, 0 = none */
};
/**
 * Send any OCPP request.  The payload is not judged (operator commands without local vetoes);
 * validate with ocpp_validate() before if that is wanted.  One exception, because the cap outranks
 * it: profiles other than ChargePointMaxProfile on a balanced connector are refused.
 * @param payload_json  text of a JSON object; copied
 * @param timeout_ms  0 = default
 * @param done  called exactly once, possibly before this function returns; may be NULL
 */
void central_call(struct central *c, const char *station, const char *action,
                  const char *payload_json, int64_t timeout_ms,
                  void (*done)(void *arg, const struct central_reply *reply), void *arg,
                  struct instant now);

/* A request of an operator: as central_call(), and kept in the call log (store_call). */
struct central_ask {
    const char *station, *action, *payload_json;
    int64_t timeout_ms; /* for the answer; 0 = default */
    int64_t wait_ms;    /* for the station to connect, if it is not there; 0 = do not wait */
    const char *who, *why;
};
/**
 * Send it after the commit of its record, or wait for the station (CENTRAL_QUEUED) until the
 * deadline, over restarts too unless the payload holds a secret.
 * @param done  called exactly once
 */
void central_ask(struct central *c, const struct central_ask *ask,
                 void (*done)(void *arg, const struct central_reply *reply), void *arg,
                 struct instant now);
/* After central_configure() at start: a request that waits (reader_queued_calls()). */
void central_restore_call(struct central *c, const struct store_call *call, struct instant now);

/* --- certificates (security white paper A02, A03) --- */

struct central_csr_verdict {
    bool good;
    const char *text; /* why not */
    /* good: PEM that every tool reads, and what it says */
    const char *pem, *subject, *cn, *key;
    bool renewal;  /* the station shows a valid certificate of ours for the same CN */
    bool can_sign; /* there is a CA with its key; else an operator has it signed elsewhere */
};
/* The answer to port.csr_judge.  The CN is judged here: it must be the station's own. */
void central_csr_judged(struct central *c, uint64_t ticket, const struct central_csr_verdict *v,
                        struct instant now);
/**
 * A request was signed, here or elsewhere: it is stored and sent to its station as soon as that is
 * connected, until it was answered once.
 * @param certificate  the station's; its request is the one it answers
 * @param chain        PEM; NULL: it could not be signed, `why` says so
 * @param done         STORE_CONFLICT: it is not the station's open request any more.  May be NULL
 */
void central_csr_signed(struct central *c, const char *station,
                        const struct store_certificate *certificate, const char *chain,
                        const char *why, void (*done)(void *arg, enum store_rc rc), void *arg,
                        struct instant now);
/* After central_configure() at start: open requests, as they were written. */
void central_cert_restore(struct central *c, const struct store_cert_request *r,
                          struct instant now);
/**
 * An operator approves (then it is signed) or refuses a pending request.
 * @param done  STORE_CONFLICT: it is not the station's pending request
 */
void central_cert_decide(struct central *c, const char *station, int64_t request, bool approve,
                         const char *who, const char *why,
                         void (*done)(void *arg, enum store_rc rc), void *arg, struct instant now);
/* After central_connected(): the client certificate that the station showed and TLS verified. */
void central_certificate(struct central *c, struct session *session,
                         const struct store_certificate *shown, struct instant now);
/* It was revoked: sessions that were opened with it are closed. @return how many */
size_t central_cert_drop(struct central *c, const char *fingerprint, struct instant now);

struct central_reservation {
    int32_t connector; /* 0 = any */
    const char *id_tag;
    const char *parent; /* NULL = that of the tag, "" = none */
    int64_t expires_at_ms;
    int32_t id; /* 0 = the next; one that is in use replaces (OCPP 1.6 section 5.13) */
};
/**
 * ReserveNow, kept as a reservation over its whole life.
 * @param rest  station, time-outs, who and why; action and payload are made here
 * @return its id, 0 if the request cannot be built (done has been called)
 */
int32_t central_reserve(struct central *c, const struct central_reservation *wish,
                        const struct central_ask *rest,
                        void (*done)(void *arg, const struct central_reply *reply), void *arg,
                        struct instant now);
/* After central_configure() at start: a key as the station reported it last (reader_room_keys()).
 */
void central_restore_key(struct central *c, const char *station, const char *key,
                         const char *value);
/* And a profile that it holds (reader_profiles()). */
void central_restore_profile(struct central *c, const struct store_profile *profile);
/* Would a request that has passed the catalogue set a charging profile that breaks the standard, or
 * that the station has said not to take?  false with one sentence. */
bool central_profile_check(const struct central *c, const char *station, const char *action,
                           json_t *payload, char *ret_text, size_t size);
/* An id that no live reservation has, larger than all before. */
int32_t central_next_reservation(struct central *c);
/* After central_configure() at start: one that may still hold, and the largest numbers so far. */
void central_restore_reservation(struct central *c, const struct store_reservation *reservation,
                                 struct instant now);
void central_reservation_numbers(struct central *c, int64_t max_num, int64_t max_id);

/**
 * Add what was counted of deviations to the store: before they are read, and at the end.
 * @param done  as of store_violations()
 * @return false: there was nothing to add, or it was not taken; done is not called
 */
bool central_flush_violations(struct central *c, struct store_done done);
/* --- files: firmware to stations, diagnostics and logs from them --- */

/* What central_file_start() and the file server look up; texts are copied. */
bool central_firmware(struct central *c, const struct store_firmware *firmware);
/* NULL if there is none of this number; lent until the next call of central_firmware(). */
const struct store_firmware *central_firmware_find(const struct central *c, int64_t num);
int64_t central_firmware_next(struct central *c); /* a number for a new one */
/* Does a transfer or a rollout that is not over need it?  Does another one have the same file? */
bool central_firmware_is_used(const struct central *c, int64_t num);
bool central_firmware_shares_file(const struct central *c, int64_t num);

struct central_file_order {
    int32_t kind; /* enum store_file_kind */
    const char *station;
    int64_t firmware, rollout;          /* 0 = none */
    const char *url;                    /* NULL = of our own file server */
    const char *version;                /* wanted after it; NULL = the firmware's */
    int64_t start_at_ms, install_at_ms; /* STORE_ABSENT = at once */
    int64_t from_ms, to_ms;             /* of diagnostics, STORE_ABSENT */
    int32_t retries, retry_s;           /* -1 = not said */
    bool wrong_signature;               /* on purpose, for a test */
    int64_t timeout_ms;                 /* 0 = 4 h for firmware, 1 h for uploads */
    const char *who, *why;
};
/**
 * Send it to a connected station; a running transfer of the same kind is replaced.
 * @param done  called once, with the station's answer; may be NULL
 * @return number of the job, which goes on; 0 with one sentence: nothing was begun
 */
int64_t central_file_start(struct central *c, const struct central_file_order *order,
                           void (*done)(void *arg, const struct store_file_job *job,
                                        const struct central_reply *reply),
                           void *arg, struct instant now, char *ret_text, size_t size);
bool central_file_abort(struct central *c, int64_t job, const char *who, struct instant now);
/* From the file server: the upload of a job is complete and lies on the disk.  @return false: that
 * job is over */
bool central_file_received(struct central *c, int64_t job, const char *file, const char *sha256,
                           int64_t size, struct store_done done, struct instant now);
/* From the file server: the station uses its address. */
void central_file_moved(struct central *c, int64_t job);

/**
 * A rollout of num 0 to these stations, in this order: canaries first.
 * @return its number; 0: nothing was begun (memory or storage)
 */
int64_t central_rollout_start(struct central *c, const struct store_rollout *rollout,
                              const char *const *station, size_t n, struct store_done done,
                              struct instant now);
enum central_rollout_verb {
    CENTRAL_ROLLOUT_PAUSE,  /* nothing new begins */
    CENTRAL_ROLLOUT_RESUME, /* what has failed so far counts no more */
    CENTRAL_ROLLOUT_ABORT,
    CENTRAL_ROLLOUT_RETRY, /* those that failed wait again */
};
bool central_rollout_is_known(const struct central *c, int64_t num);
/* false with one sentence; then `done` is not called. */
bool central_rollout_control(struct central *c, int64_t num, enum central_rollout_verb verb,
                             const char *who, struct store_done done, struct instant now,
                             char *ret_text, size_t size);

/* At start, after central_configure() and in this order: numbers, firmware, open jobs, rollouts
 * with their targets, jobs of those rollouts. */
void central_file_numbers(struct central *c, const struct reader_file_max *max);
void central_restore_file_job(struct central *c, const struct store_file_job *job,
                              struct instant now);
void central_restore_rollout(struct central *c, const struct store_rollout *rollout);
void central_restore_target(struct central *c, const struct store_rollout_target *target);
void central_restore_target_job(struct central *c, const struct store_file_job *job);
void central_restore_rollouts_done(struct central *c, struct instant now);

/* --- quirks: known deviations of models --- */

/**
 * Take the table that is shipped and over it the operator's own (JSON text of DIR/quirks.json).
 * @param own  lent, NULL = none
 * @return false with one sentence when it is wrong; then the table stays as it was
 */
bool central_quirks(struct central *c, const char *own, size_t own_len, char *ret_text,
                    size_t size);
struct central_quirk_view {
    const char *id, *vendor, *model, *firmware, *why; /* patterns; NULL = any; why may be NULL */
    const json_t *set;                                /* switch -> value, lent */
    bool shipped;
};
/* In the order in which they count. */
bool central_quirk_view(const struct central *c, size_t i, struct central_quirk_view *ret);
bool central_quirk_fits(const struct central *c, size_t quirk, size_t station);
/* The switches that exist. */
bool central_quirk_switch(size_t i, const char **ret_name, const char **ret_what);
/* Silence after which a station is pinged: 0 = as all, -1 = never. */
int32_t central_session_ping_s(const struct session *session);

/* --- configuration as wanted --- */

struct central_config_result {
    const char *trouble; /* why it came to no end, NULL = it did */
    size_t n_set;        /* keys set */
    size_t n_wanted, n_same, n_drift, n_reboot;
};
/**
 * Read a station's configuration now and set what differs, also what it has refused before.
 * @param done  called exactly once, possibly before this function returns
 */
void central_config_apply(struct central *c, const char *station, const char *who, const char *why,
                          void (*done)(void *arg, const struct central_config_result *result),
                          void *arg, struct instant now);
/* Wishes of station i (in order of ids), k = 0..count-1; texts lent until the next call. */
size_t central_wish_count(const struct central *c, size_t i);
bool central_wish_view(const struct central *c, size_t i, size_t k, struct store_key_wish *ret);
/* After central_configure() at start: how they stood. */
void central_restore_wish(struct central *c, const struct store_key_wish *wish);

/* --- how stations treat limits --- */

/* After central_configure() at start, before leases. */
void central_restore_evidence(struct central *c, const struct store_evidence *evidence,
                              struct instant now);
/* After central_configure() at start: charging profiles it took in the hour from hour_ms on. */
void central_restore_writes(struct central *c, const char *station, int32_t connector, int32_t n,
                            int64_t hour_ms, struct instant now);
/* The operator has said its class (store_station_class()): what was found is forgotten, and learnt
 * again if the class is auto.  @return false: no such station */
bool central_evidence_forget(struct central *c, const char *station, struct instant now);

/* --- views for people; strings lent until the next call into central --- */

struct central_station_view {
    const char *id, *vendor, *model, *serial, *firmware, *address, *district, *grid_node;
    int32_t security_profile, registration;
    int32_t pending_profile;    /* a raise under way; 0 = none */
    int32_t proved_profile;     /* by which it is connected; -1 unknown */
    const char *certificate_cn; /* NULL = the id */
    bool online, has_key, has_pending_key, has_old_key;
    int64_t connected_at_ms, seen_at_ms, booted_at_ms; /* STORE_ABSENT if never */
    int64_t clock_skew_ms;
    uint64_t frames_in, frames_out, violations;
    const char *last_violation; /* "" if none */
    size_t queued_calls;
    size_t n_connectors;
    int32_t profile_writes, profile_writes_most; /* in 24 hours, and what it bears */
    int32_t class;           /* as configured: 0..3 as enum sched_class, 4 = by evidence */
    enum sched_class counts; /* ... and as the scheduler counts it */
    bool demoted;            /* measured against its class */
    const char *evidence;    /* why it counts like this, for people */
    int64_t evidence_at_ms;  /* STORE_ABSENT = none */
};
struct central_connector_view {
    const char *station, *evse_id, *status, *error_code, *info;
    int32_t connector;
    int64_t status_at_ms;
    int64_t tx_id;                    /* 0 = none */
    const char *id_tag;               /* of the session, NULL */
    int64_t started_at_ms, energy_wh; /* of the session, STORE_ABSENT */
    struct central_need need;         /* of the session */
    int64_t power_mw;                 /* STORE_ABSENT unknown */
    int32_t soc_pct;                  /* -1 */
    bool balanced;                    /* hangs on a grid node; then point is valid */
    struct sched_point_view point;
    int32_t rating_ma, safe_ma, max_w;
    const char *reserved_for; /* idTag, NULL = not reserved */
    int32_t reservation_id;
    int64_t reserved_until_ms;
    const char *start_tag; /* of a remote start that has not begun, NULL = none */
    int64_t start_until_ms;
};
size_t central_station_count(const struct central *c);
/* i counts stations in order of their id. */
bool central_station_view(const struct central *c, size_t i, struct central_station_view *ret_view);
bool central_station_find(const struct central *c, const char *id, size_t *ret_i);
/* k counts connectors 0..n_connectors-1 (connector number = view's). */
bool central_connector_view(const struct central *c, size_t i, size_t k, struct instant now,
                            struct central_connector_view *ret_view);
/* Grid nodes in the order of the configuration, parents first. */
struct central_meter_view {
    bool present;
    const char *device, *fields, *unit; /* as configured; NULL = not */
    bool includes_points;
    int32_t guard_ma[3], silent_ma[3], silent_after_s;
    int32_t ma[3];                 /* the last reading */
    int64_t at_ms, received_at_ms; /* of it; STORE_ABSENT = none yet */
    bool silent;
};
struct central_node_view {
    const char *id, *parent, *name;             /* parent NULL for a root */
    const char *kind;                           /* NULL = not said */
    bool overridden;                            /* by central_node_limit() */
    int32_t set_limit_ma[3], set_foreign_ma[3]; /* by that, else as configured */
    struct sched_node_view load;
    struct sched_capacity capacity; /* that counts now */
    struct sched_capacity next;     /* that follows, from capacity.until_ms on */
    struct central_meter_view meter;
};
size_t central_node_count(const struct central *c);
bool central_node_view(const struct central *c, size_t node, struct instant now,
                       struct central_node_view *ret_view);
bool central_node_find(const struct central *c, const char *id, size_t *ret_node);
/* The device of a node's meter, NULL = none; false: there is no such node. */
bool central_node_device(const struct central *c, size_t node, const char **ret_device);
/* Changes a node's limits until the next apply or restart (a dimming order, a live meter). */
bool central_node_limit(struct central *c, const char *node, const int32_t limit_ma[3],
                        const int32_t foreign_ma[3], struct instant now);

/* --- green hours (green.c) --- */

/**
 * What is known of a series, in order; copied.  It counts on nodes whose `green` is of that kind.
 * @return false: out of memory, what was known before stays
 */
bool central_series(struct central *c, enum store_series kind, const struct store_quarter *quarter,
                    size_t n, struct instant now);
/** The coming hours of the balancer, by sched_plan_ahead(): nodes in the order of
 * central_node_view(), points by central_point_at().  @return NULL: no grid, or out of memory */
struct sched_outlook *central_plan_ahead(struct central *c, size_t n_slots, struct instant now);
/** @return false: there is no such point */
bool central_point_at(const struct central *c, size_t point, const char **ret_station,
                      int32_t *ret_connector);

/* --- caps on grid nodes from outside, live meters --- */

struct central_cap_order {
    const char *node;
    int32_t limit_ma[3];       /* most that may flow there, other load included */
    int64_t from_ms, until_ms; /* a begin that is over counts as now */
    const char *said;          /* as it was ordered, for people: "20 kW" */
    const char *who, *why;     /* "" = not said */
};
/**
 * A cap that ends by itself; in force for the scheduler at once (planned ones are honoured before
 * they begin), and durable.  Only lowers: the least of all counts.
 * @param done  when it is on the disk; called only when an id is returned
 * @return its id; 0 with one sentence: nothing was done; -1: in force, but the store takes nothing
 */
int64_t central_cap_set(struct central *c, const struct central_cap_order *order,
                        struct store_done done, struct instant now, char *ret_text, size_t size);
/* Take it back.  @return false: there is no such cap any more */
bool central_cap_end(struct central *c, int64_t id, const char *who, struct store_done done,
                     struct instant now);
/* i counts those that have not ended, in order of their ids; lent until the next call. */
bool central_cap_view(const struct central *c, size_t i, struct store_cap *ret_cap);
/* After central_configure() at start: one that has not ended, and the largest id so far. */
void central_restore_cap(struct central *c, const struct store_cap *row, struct instant now);
void central_cap_number(struct central *c, int64_t last_id);

/* What a limit will do to all points below a node. */
struct central_outlook {
    bool fits_now;              /* all that may be drawn is below it already */
    bool settles;               /* it will be, when all has been sent and all leases are over */
    int64_t below_ms;           /* by then, if it settles and who is online stays so and obeys */
    bool settles_alone;         /* it will be even if nothing arrives any more */
    int64_t alone_ms;           /* by then at the latest, if so: all leases are over */
    size_t n_points, n_offline; /* offline ones keep what they have until their leases end */
};
bool central_node_outlook(const struct central *c, const char *node, const int32_t limit_ma[3],
                          struct instant now, struct central_outlook *ret);
/* Points below a node that section 14a EnWG calls controllable: more than 4.2 kW. */
int32_t central_controllable(const struct central *c, const char *node);

enum central_meter_rc {
    CENTRAL_METER_TAKEN,
    CENTRAL_METER_NO_NODE,
    CENTRAL_METER_NONE, /* the node has no `meter` */
    CENTRAL_METER_LATE, /* a later reading has come before */
};
/* A reading: other load (and the points below, if it includes them) per grid phase, mA >= 0. */
enum central_meter_rc central_meter(struct central *c, const char *node, const int32_t ma[3],
                                    int64_t at_ms, struct instant now);

/* --- security events (security.h) --- */

/* One that the central system itself has noticed.  station: NULL = none that is known;
 * with_event: also into the event list. */
void central_security(struct central *c, const char *station, const char *name, const char *info,
                      bool with_event, struct instant now);
/* Since the start, by the row of security_type_at(). */
uint64_t central_security_count(const struct central *c, size_t i);

struct central_counters {
    uint64_t profile_writes; /* charging profiles that stations took, or may have taken */
    uint64_t frames_in, frames_out, calls_in, callerrors_out, calls_out, timeouts, violations,
        garbage;
    size_t stations, online, sessions;
};
void central_counters(const struct central *c, struct central_counters *ret_counters);

/* idTag verdict now, as Authorize of this station would answer it (enum store_auth), and why in
 * one sentence; STORE_AUTH_INVALID when the station is unknown. */
int32_t central_authorize(const struct central *c, const char *station, const char *id_tag,
                          struct instant now, char *ret_why, size_t size);

/* --- tags: after each commit that changed one; costs O(log n) --- */

/* @param tag  with its revision; whether it had other groups before is found out here */
void central_tag_put(struct central *c, const struct store_tag *tag, struct instant now);
void central_tag_gone(struct central *c, const char *id_tag, int32_t revision, struct instant now);
size_t central_tag_count(const struct central *c);

/* --- local authorization lists, kept by themselves where local_lists is set --- */

/* After central_configure() at start. */
void central_restore_local_list(struct central *c, const struct store_local_list *list);

enum central_list_asked {
    CENTRAL_LIST_ASKED = 1,
    CENTRAL_LIST_UNDER_WAY,
    CENTRAL_LIST_OFFLINE,
    CENTRAL_LIST_OFF, /* not kept for this station, or for none */
    CENTRAL_LIST_NO_STATION,
};
/* Ask the station for its version now and bring it into step, although it was unable before.
 * full: with the whole list. */
enum central_list_asked central_local_list_sync(struct central *c, const char *station, bool full,
                                                struct instant now);

struct central_local_list {
    const char *station;
    const char *state; /* in step, under way, waits, offline, failed, unable, off, empty */
    const char *groups, *cut, *result, *unable; /* NULL = none */
    bool groups_only;
    int32_t wanted, installed; /* versions; 0 = none, or not known */
    int32_t entries, max_entries;
    size_t entries_wanted;      /* that may charge there, whether they fit or not */
    int64_t asked_at_ms, at_ms; /* STORE_ABSENT = never */
    int64_t n_full, n_differential, n_failed;
};
/* i counts stations in order of their id. */
bool central_local_list_view(const struct central *c, size_t i,
                             struct central_local_list *ret_view);
/* Does a tag belong into such a list?  May be asked on any thread. */
bool central_local_list_wants(const char *groups, bool groups_only, const char *cut,
                              const struct store_tag *tag);

#endif
