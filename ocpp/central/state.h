/*
 * The live state of a central system, shared by the files of this folder and by nobody else.
 *
 * central ─┬─ station (by id, in order) ─┬─ connector ── open transaction, point of the scheduler
 *          │                             ├─ session      the one authenticated socket, or NULL
 *          │                             └─ calls        requests to the station, one in flight
 *          ├─ tags (by upper-cased idTag)
 *          └─ balance: scheduler, points, grid nodes
 *
 * Completions of the store name a station by pointer and session number: stations are only freed
 * when nothing of theirs is pending (station->n_pending).
 */
#ifndef OCPP_CENTRAL_STATE_H
#define OCPP_CENTRAL_STATE_H

#include "ocpp/central/central.h"
#include "ocpp/central/local_list.h"
#include "ocpp/central/tags.h"
#include "ocpp/central/timer.h"
#include "ocpp/wire/profile.h"
#include "ocpp/wire/rpc.h"
#include "scheduler/wear.h"

enum {
    CONNECTORS_MAX = 64,   /* a station naming more is lying */
    READY_WAIT_MS = 5000,  /* after a connect, or the first call: some stations break otherwise */
    LATE_START_MS = 60000, /* a StartTransaction older than this may be history */
    LATE_START_WAIT_MS = 10000, /* ... so wait for its stop before giving it current */
    TOLD_MAX = 60,              /* events a minute that only repeat what a station said */
    UNHEARD_MAX = 100,          /* calls a minute of a station that is not accepted */
    GARBAGE_MAX = 10,           /* unreadable messages in a row before the socket is closed */
};

struct tx {
    int64_t id; /* 0 = none */
    char id_tag[64];
    int64_t started_at_ms;
    int64_t meter_start_wh; /* STORE_ABSENT unknown */
    bool balanced;          /* told to the scheduler */
    uint8_t phases;         /* the car was found to use, as stored; 0 = unknown */
    struct central_need need;
};

struct connector {
    struct station *station;
    int32_t number;
    char *evse_id;
    int32_t max_w;
    char status[32], error_code[32], info[64]; /* as received; "" unknown */
    int64_t status_at_ms;
    struct tx tx;
    struct timer late_start;
    char start_tag[64]; /* of a remote start that was accepted and has not begun; "" none */
    int64_t start_until_ms;
    struct timer start_timer;
    struct store_need next_need; /* told for the session that it begins; told_at_ms 0 = nothing */
    char next_who[40];
    size_t point; /* of the scheduler; SIZE_MAX = not balanced */
    bool commissioned;
    bool is_judged;                                 /* doubt.c: known before, or in doubt */
    int64_t doubt_at_ms;                            /* since when; STORE_ABSENT = no doubt */
    int32_t safe_confirmed_ma;                      /* -1 = not confirmed */
    int64_t register_uwh, power_mw, measured_at_ms; /* STORE_ABSENT unknown */
    int32_t soc_pct;                                /* -1 unknown */
    int32_t current_ma[3];                          /* per terminal, -1 unknown */
};

/* One request to a station, waiting or in flight. */
struct call {
    struct call *next;
    char id[24];
    const char *action; /* of the catalogue, or owned text behind the struct */
    char *payload;
    int64_t timeout_ms, sent_at_ms;
    uint32_t key; /* calls of the same key replace each other while waiting; 0 = never */
    bool urgent;  /* goes before others that wait */
    void (*done)(void *arg, const struct central_reply *reply);
    void *arg;
};

/** So many in so long a time; at first none. */
struct rate_window {
    int64_t until_mono_ms;
    unsigned n;
};
/** One more. @return false: too many */
bool rate_within(struct rate_window *w, unsigned max, int64_t span_ms, struct instant now);

struct session {
    struct station *station;
    void *link;
    uint64_t number; /* never repeats: names the session in completions */
    char address[64];
    int64_t connected_at_ms;
    bool ready;  /* may be sent requests */
    bool linked; /* ... and it is accepted: the balancer counts on it */
    bool booted; /* BootNotification on this socket */
    bool heard_status;
    unsigned garbage;           /* in a row */
    char certificate[65];       /* fingerprint of the one it showed; "" = none (certs.c) */
    int32_t profile;            /* security profile it has proved; -1 unknown */
    struct rate_window unheard; /* calls of a station that is not accepted */
};

/* What is known of its model: switches of quirk.c, all off by default. */
struct quirks {
    bool lax_subprotocol, strict, no_trigger, short_times, energy_in_kwh, register_in_kwh,
        connector_for_start, upper_case_tags, config_by_key;
    int32_t wait_for_boot_s, call_timeout_s, heartbeat_s, max_message_bytes; /* 0 = as for all */
    int32_t max_profile_writes_per_day;                                      /* 0 = 100 */
    int32_t ping_s;                                                          /* -1 = never */
    int32_t zone_min; /* east of UTC, or OCPP_ZONE_CET */
};

/* How it treats limits (evidence.c). */
struct evidence {
    int32_t class; /* enum sched_class; -1 = nothing is known of the station itself */
    bool demoted;
    bool asked;       /* since its boot: does its composite schedule show the end of a lease? */
    unsigned n_words; /* in a row: it does not know charging profiles */
    int64_t at_ms;
    char why[120];
};

/* Charging profiles that it took: each may be a write to flash memory (writes.c). */
struct writes {
    struct wear wear;
    int64_t told_day, too_long_day;
};

struct station {
    struct central *central;
    char *id;
    struct central_identity identity;
    uint8_t key_salt[16], key_hash[32], pending_salt[16], pending_hash[32];
    uint8_t old_salt[16], old_hash[32];
    char *certificate_cn;
    bool key_shown;           /* since the pending key was made it has shown its old one */
    size_t n_security_writes; /* under way: what a site says of keys and profile is older */
    /* configuration */
    char *grid_node, *district, *tariff;
    int32_t rating_ma, safe_ma, min_ma, weight, class;
    char wiring[4];
    bool strict;
    char *groups; /* as in store_station */
    bool groups_only, wants_local_list;
    int32_t registration; /* enum store_registration */
    uint64_t triggered;   /* while Pending: bit per action (id) that we asked for */
    char *vendor, *model, *serial, *firmware;
    int64_t booted_at_ms, seen_at_ms;
    bool present; /* in the configuration being applied */
    bool gone;    /* removed; freed when n_pending falls to 0 */
    /* live */
    struct session *session;
    size_t n_pending; /* completions of the store that will name this station */
    struct connector **connector;
    size_t n_connectors;
    struct call *waiting, *in_flight;
    struct reservation *reservations; /* that may hold (reserve.c) */
    struct timer reserve_timer;
    int32_t connection_time_out_s; /* ConnectionTimeOut as reported, 0 = unknown */
    struct installed *profiles;    /* that it holds (mirror.c) */
    bool keys_known;               /* it has reported them, with this firmware */
    struct ocpp_profile_room room; /* for charging profiles, as reported (caps.c) */
    struct ask *parked;            /* requests of operators that wait for a connection (ask.c) */
    /* The newest ones, over or not; NULL = none (transfer.c). */
    struct transfer *update, *upload;
    size_t n_waiting;
    struct timer call_timer; /* time-out of in_flight */
    struct timer ready_timer;
    int64_t skew_ms; /* station clock minus ours, 0 until measured */
    bool skew_known;
    int8_t unset; /* Heartbeats until it follows our clock, which was set; 0 = it does */
    int64_t boot_answered_mono_ms; /* INT64_MIN never */
    uint64_t answered_hash;        /* of the last Start or StopTransaction frame answered */
    char *answered;                /* its answer */
    uint64_t frames_in, frames_out, violations;
    char last_violation[160];
    int64_t violation_event_mono_ms;
    struct quirks quirks;
    bool lax_subprotocol; /* by its configuration */
    struct evidence evidence;
    struct writes writes;
    /* wish.c, keys.c */
    struct wish *wish;
    size_t n_wishes, told_drift;
    struct keys_run *keys_run; /* under way or waiting for its turn */
    struct timer keys_timer, keys_again;
    unsigned keys_failures; /* runs in a row that were not answered */
    int64_t keys_read_at_ms;
    int32_t portion; /* GetConfigurationMaxKeys, 0 = unknown */
    /* certs.c */
    struct cert *cert; /* its open certificate request, NULL = none */
    /* how often of late, so that nothing grows without an end */
    struct rate_window cert_refused, cert_approved;
    unsigned n_csr_judged;   /* requests that are being looked at now */
    struct rate_window told; /* dispatch.c: see station_may_tell() */
    /* local_list.c */
    struct local_list *list; /* NULL = none yet */
};

/* What a live meter said last; kept over a rebuild of the balancer. */
struct node_meter {
    bool present;
    char *device, *fields, *unit;
    int32_t silent_after_s;
    bool has_reading; /* carried over a rebuild; the balancer has the newest */
    struct sched_reading reading;
    int64_t received_at_ms; /* of the newest, STORE_ABSENT = nothing yet */
};

struct node {
    char *id, *parent, *name, *kind;
    bool overridden; /* by central_node_limit() */
    int32_t limit_ma[3], foreign_ma[3];
    int32_t green; /* enum store_green */
    struct node_meter meter;
};

/* Of green hours: what is known from the past hour on, by enum store_series. */
struct series {
    struct sched_factor *factor;
    size_t n;
};
enum { SERIES_KINDS = STORE_SERIES_PRICE + 1 };

struct grid_cap;

enum { SECURITY_TYPES_MAX = 24 };

struct central {
    struct central_options options;
    uint64_t security_counts[SECURITY_TYPES_MAX]; /* as security_type_at() */
    struct timers timers;
    struct instant now;       /* of the running entry point, for completions */
    struct station **station; /* sorted by id */
    size_t n_stations, room_stations;
    struct tags tags;
    struct local_lists lists;
    /* balance.c */
    struct sched *sched;
    uint64_t generation;               /* of sched: orders of an older one are not its business */
    struct sched_node_conf *node_conf; /* what sched was made from */
    struct sched_point_conf *point_conf;
    struct node *node;
    size_t n_nodes;
    struct connector **point; /* connector of each point of the scheduler */
    size_t n_points;
    struct timer balance_timer, stale_timer;
    struct series series[SERIES_KINDS]; /* green.c */
    int64_t series_next_ms;             /* the balancer is given the next days */
    /* balance_site.c: what node_conf points to */
    struct sched_window *window;
    int32_t (*hour_ma)[3];
    /* balance_grid.c */
    struct grid_cap *grid_caps; /* that have not ended, in order of their ids */
    int64_t last_cap_id;
    struct timer cap_timer;
    /* certs.c */
    struct csr_ticket *ticket; /* requests that are being judged */
    uint64_t next_ticket;
    /* */
    struct ocpp_arena arena; /* of the message in hand */
    struct ocpp_text out;    /* of the answer in hand */
    uint64_t next_session, next_call;
    char call_prefix[8];
    bool closing;         /* the store has been closed */
    struct instant clock; /* as last seen: clock_look() */
    int64_t started_at_ms;
    struct deviations *deviations; /* deviate.c */
    struct quirk *quirk;           /* quirk.c */
    struct left *left;             /* left.c */
    size_t n_left;
    int64_t doubt_until_ms;                /* doubt.c; STORE_ABSENT = the database is trusted */
    struct model_evidence *model_evidence; /* evidence.c */
    size_t n_model_evidence;
    size_t n_quirks;
    struct template *template; /* wish.c: in the order in which they are merged */
    size_t n_templates;
    struct keys_run *key_run_first, *key_run_last; /* keys.c: waiting for their turn */
    size_t n_key_runs;                             /* under way */
    int64_t next_reservation_num, next_reservation_id;
    /* transfer.c, rollout_run.c */
    struct transfer *transfers;
    struct store_firmware *firmware;
    size_t n_firmware;
    int64_t last_file_job, last_firmware, last_rollout;
    struct rollout *rollouts;
    struct timer rollout_timer;
    struct central_counters counters;
};

/* --- registry.c --- */
struct station *station_find(const struct central *c, const char *id);
/* Forgets unknown stations that wait for approval and have not been seen for long. */
void waiting_prune(struct central *c, struct instant now);
struct connector *connector_find(const struct station *s, int32_t number);
/* Finds or makes; NULL if the number is absurd. */
struct connector *connector_get(struct station *s, int32_t number);
const struct tag *tag_find(const struct central *c, const char *id_tag);
bool tag_equal(const char *a, const char *b); /* as idTags compare */
void station_free_if_gone(struct station *s);
void registry_done(struct central *c);
bool text_replace(char **text, const char *value);       /* true if it changed */
void text_copy(char *dst, size_t size, const char *src); /* cuts at a character's border */

/* --- station.c: the socket and the requests --- */
void station_send(struct station *s, const char *text, size_t len);
void station_drop(struct station *s, uint16_t code, const char *reason, struct instant now);
void station_is_ready(struct station *s, struct instant now);
void station_call(struct station *s, const char *action, const char *payload, uint32_t key,
                  bool urgent, int64_t timeout_ms,
                  void (*done)(void *arg, const struct central_reply *reply), void *arg,
                  struct instant now);
/* Of an operator: refused where many wait already. */
void station_operator_call(struct station *s, const char *action, const char *payload,
                           int64_t timeout_ms,
                           void (*done)(void *arg, const struct central_reply *reply), void *arg,
                           struct instant now);
/* As station_call(), past secure.c, which is the only one to use it. */
void station_send_call(struct station *s, const char *action, const char *payload, uint32_t key,
                       bool urgent, int64_t timeout_ms,
                       void (*done)(void *arg, const struct central_reply *reply), void *arg,
                       struct instant now);
/* From a table row: the struct is encoded. */
void station_request(struct station *s, enum ocpp_action_id action, const void *req, uint32_t key,
                     bool urgent, void (*done)(void *arg, const struct central_reply *reply),
                     void *arg, struct instant now);
void station_on_reply(struct station *s, const struct ocpp_frame *frame, struct instant now);
void station_fail_calls(struct station *s, enum central_outcome outcome, bool also_waiting,
                        struct instant now);
void station_timers_init(struct station *s);
/* What we trigger while a station is Pending may be answered (OCPP 1.6 section 4.2). */
void station_note_trigger(struct station *s, const struct ocpp_action *action,
                          const char *payload_json);
bool reply_is(const struct central_reply *reply, const char *status); /* payload.status equals */

/* --- dispatch.c --- */
struct request {
    struct central *c;
    struct station *station;
    const struct ocpp_action *action;
    struct ocpp_frame *frame;
    struct ocpp_report *report;
    uint64_t hash; /* of the frame's bytes */
    struct instant now;
};
/* Answer now. */
void answer(const struct request *r, const void *conf);
/**
 * May something that a station says be an event once more?  One that repeats itself without an end,
 * or that nobody has let in yet, does not fill the list of events.
 */
bool station_may_tell(struct station *s, struct instant now);
void answer_error(const struct request *r, enum ocpp_error_code code, const char *text);
/* Answer later: keeps what is needed of the request; NULL = out of memory (the socket is dropped).
 */
struct pending;
struct pending *pending_new(const struct request *r, size_t extra);
void *pending_extra(struct pending *p);
struct station *pending_station(const struct pending *p);
/* Sends if the same session is still there, and frees.  conf NULL: the stored text `raw`. */
void pending_answer(struct pending *p, const void *conf);
/* Nothing was or can be stored: no answer, the socket is closed, so that the station keeps it. */
void pending_refuse(struct pending *p, enum store_rc rc);
/* For operations whose answer is an empty or ready confirmation: fn of store_done. */
void pending_done_empty(void *arg, enum store_rc rc, const union store_result *result);

/* --- handlers: one per action that stations may send --- */
void on_boot_notification(const struct request *r, const void *req);
void on_heartbeat(const struct request *r, const void *req);
void on_authorize(const struct request *r, const void *req);
void on_status_notification(const struct request *r, const void *req);
void on_start_transaction(const struct request *r, const void *req);
void on_stop_transaction(const struct request *r, const void *req);
void on_meter_values(const struct request *r, const void *req);
void on_security_event(const struct request *r, const void *req);
void on_data_transfer(const struct request *r, const void *req);
void on_notice(const struct request *r, const void *req); /* notices.c: all that is only recorded */

/* --- core.c --- */
/* What Authorize says of an idTag at a station. */
void id_tag_verdict(const struct station *s, const char *id_tag, struct instant now,
                    struct ocpp_id_tag_info *ret_info);
/* May this tag charge at this station, as far as groups go? */
bool tag_is_in_scope(const struct tag *tag, const struct station *s);
/* ended: by the station's own word; else what it may have in force goes on counting. */
void tx_forget(struct connector *k, bool ended, struct instant now);
void connector_init(struct connector *k, struct station *s, int32_t number);

/* --- clock.c: whose clock is right --- */
struct told_time {
    int64_t station_at_ms; /* as sent, or receipt */
    int64_t at_ms;         /* corrected */
    uint32_t flags;        /* STORE_FLAG_* */
};
struct told_time clock_correct(struct station *s, int64_t timestamp_ms, struct instant now);
/* A StatusNotification just after a boot is live: it shows the skew. */
/* Has our own clock been set since the last look? */
void clock_look(struct central *c, struct instant now);
/* A Heartbeat: whoever asks for the time sets its clock. */
void clock_beat(struct station *s);
void clock_observe(struct station *s, int64_t timestamp_ms, bool live, struct instant now);

/* --- meter.c --- */
/* Rows in the arena; NULL when there is nothing or memory ran out. */
struct store_meter *meter_rows(const struct request *r, const struct ocpp_meter_value *value,
                               size_t n, json_t *raw_list, int32_t connector, int64_t tx_id);
void meter_observe(struct connector *k, const struct store_meter *row, struct instant now);

/* --- need.c --- */
struct central_need need_of(const struct store_need *stored);
/* The session of a remote start has begun: what was told for it is kept, and then counts. */
void need_of_start(struct central *c, const struct store_need *told, const char *who,
                   int64_t tx_id);

/* --- green.c --- */
/* Gives the balancer the factors of the next days. */
void series_apply(struct central *c, struct instant now);
void series_done(struct central *c);
/* A session waits for better hours: told once. */
void series_waits(struct central *c, const struct sched_incident *incident);

/* --- balance_site.c --- */
/* Would the scheduler take this grid? */
bool balance_check(const struct store_site *site, char *ret_text, size_t size);
/* Makes the scheduler from the stations that are present, unless nothing of the grid has changed;
 * what is in force and what was learnt are kept. */
bool balance_configure(struct central *c, const struct store_site *site, struct instant now,
                       char *ret_text, size_t size);
void balance_done(struct central *c);

/* --- balance_grid.c --- */
/* Caps and readings of meters, into a new balancer. */
void balance_grid_carry(struct central *c, struct sched *fresh, struct instant now);
void balance_grid_done(struct central *c);

/* --- balance.c --- */
void balance_link(struct station *s, bool up, struct instant now);
void balance_boot(struct station *s, struct instant now);
/* Another firmware: its safe current may have gone. */
void balance_safe_lost(struct station *s, struct instant now);
void balance_session_start(struct connector *k, struct instant now);
void balance_session_stop(struct connector *k, bool ended, struct instant now);
/* The station ended a transaction that was not live any more: its profile has gone with it. */
void balance_tx_over(struct connector *k, int64_t tx_id, struct instant now);
void balance_status(struct connector *k, int32_t status, struct instant now);
/* What was told of the running transaction, and what it has received (need.c). */
void balance_need(const struct connector *k, struct sched *sched, size_t point, struct instant now);
void balance_energy(const struct connector *k, struct sched *sched, size_t point, int64_t at_ms,
                    struct instant now);
void balance_measured(struct connector *k, int64_t at_ms, bool undated, struct instant now);
void balance_skew(struct station *s);
bool station_takes_watts(const struct station *s);         /* and no amperes (order.c) */
void balance_touch(struct central *c, struct instant now); /* after any event */
void balance_on_timer(struct timer *timer, struct instant now);
/* Does the station hang on a shared connection, with at least one of its connectors? */
bool balance_has(const struct station *s);

/* --- order.c --- */
/* Carry out a decision: sched_answer() follows, at once or when the station has answered. */
/* --- left.c --- */
void left_add(struct central *c, const char *station, int32_t connector,
              const struct sched_lease *lease, struct instant now);
/* It leaves the balancer: what may be in force there. */
void left_keep(struct central *c, const struct connector *k, struct instant now);
/* It is back, as this point of a balancer. */
void left_return(struct central *c, struct sched *fresh, const struct connector *k, size_t point,
                 struct instant now);

/* --- doubt.c --- */
/* Points that have come while leases are in doubt. */
void doubt_new_points(struct central *c, struct instant now);
/* The station turned out not to end leases. */
void doubt_lasts(const struct connector *k, struct instant now);
/* Nothing unknown can be in force there any more. */
void doubt_over(struct connector *k, struct instant now);
void doubt_tick(struct central *c, struct instant now);

/* --- writes.c --- */
/* What came of a charging profile: counted, and told when it is too much or can never be sent. */
void writes_note(struct station *s, const struct central_reply *reply, struct instant now);
/** @return in the last 24 hours */
int32_t writes_lately(const struct station *s, struct instant now);
/** @return that it bears in 24 hours */
int32_t writes_most(const struct station *s);
/** @return the same, for each of its connectors */
int32_t writes_of_point(const struct station *s);
/* Another model, other quirks: the balancer goes on with what it bears. */
void writes_apply(const struct station *s);

/* --- evidence.c --- */
/* How the scheduler counts it: the operator's word, or what evidence shows. */
enum sched_class station_class(const struct station *s);
void evidence_booted(struct station *s, bool changed, struct instant now);
/* A lease was accepted: does the station show its end? */
void evidence_leased(struct station *s, int32_t connector, const struct sched_command *cmd,
                     struct instant now);
/* What it said to a profile: not supported, or something else. */
void evidence_said(struct station *s, bool unsupported, struct instant now);
/* It was measured against what its class says. */
void evidence_demote(struct station *s, enum sched_class class, const char *why,
                     struct instant now);
/* Leases of its point which do not end any more by themselves: written without end. */
void evidence_lasts(const struct connector *k, const struct sched_lease *lease, size_t n,
                    struct instant now);
void evidence_view(const struct station *s, struct central_station_view *ret_view);
void evidence_done(struct central *c);
int32_t order_unit(const struct station *s); /* OCPP_RATE_UNIT_* of what it is sent */
struct ocpp_charging_schedule_period order_period(const struct station *s, int32_t start_s,
                                                  int32_t ma);
void order_carry_out(struct central *c, const struct sched_command *cmd);

/* --- wish.c: what is wanted of a station's configuration --- */
enum { CONFIG_KEY_MAX = 50, CONFIG_VALUE_MAX = 500, KEYS_OLD_MS = 86400000 };

enum wish_rule {
    WISH_EXACT,
    WISH_AT_MOST,  /* a number above 0 and not above it */
    WISH_INCLUDES, /* a list with all its entries */
};

struct wish {
    char *key, *wanted;
    char *reported, *source, *note, *firmware, *who, *why; /* as in store_key_wish */
    int32_t state;                                         /* enum store_key_state */
    int64_t at_ms;
    enum wish_rule rule;
    bool reboot;         /* its template allows a reset of an idle station */
    int32_t max_entries; /* of its list, by ...MaxLength; 0 = unknown */
    bool present;        /* while the wishes are made */
    bool found, readonly, asked, verify, partly; /* of the run under way (keys.c) */
};

bool templates_take(struct central *c, const struct store_site *site);
void templates_done(struct central *c);
/* By the templates and what balancing needs.  @return something is new, or was dropped */
bool wishes_make(struct station *s);
void wishes_done(struct station *s);
void wish_free(struct wish *w);
struct wish *wish_find(struct station *s, const char *key);
bool wish_is_met(const struct wish *w, const char *value);
/* Texts are lent by the wish. */
void wish_record(const struct station *s, const struct wish *w, struct store_key_wish *ret);

/* --- keys.c: ... and how it is brought there --- */
void keys_init(struct station *s);
void keys_done(struct central *c);
/* Ask for all configuration keys, store them, and set those that differ from what is wanted. */
void keys_read(struct station *s, struct instant now);
void keys_boot(struct station *s);        /* an accepted station has booted */
void keys_linked(struct station *s);      /* it is connected and may be sent requests */
void keys_configured(struct central *c);  /* templates, groups or the grid may have changed */
void keys_reboot_look(struct station *s); /* does an idle station have to be reset? */

/* --- certs.c --- */
void on_sign_certificate(const struct request *r, const void *req);
/* The station may be sent requests: what waits for it goes out. */
void certs_ready(struct station *s, struct instant now);
void certs_forget(struct station *s); /* the open request, in memory only */
void certs_done(struct central *c);
/* --- secure.c: changes of key and security profile --- */
/* Takes over a request that changes them; false: it is none.  `done` as in station_call(). */
bool secure_call(struct station *s, const char *action, const char *payload, uint32_t call_key,
                 bool urgent, int64_t timeout_ms,
                 void (*done)(void *arg, const struct central_reply *reply), void *arg);

/* --- quirk.c: known deviations of models --- */
extern const unsigned char quirks_shipped[];
extern const size_t quirks_shipped_len;
/* Its vendor, model or firmware, or the table, may have changed. */
void quirks_find(struct station *s);
void quirks_done(struct central *c);
/* A request as this model takes it; NULL = as it is.  Owned by the caller. */
char *quirks_rewrite(const struct station *s, const char *action, const char *payload);

/* --- deviate.c: deviations from the standard by model --- */
void deviation_count(struct station *s, const char *action, const char *text, struct instant now);
void deviations_done(struct central *c);

/* --- guard.c --- */
/* Is it an id of the scheduler's own profiles (order.c)? */
bool profile_is_ours(const struct station *s, int64_t id);
/* May this operator's call be sent?  false with one sentence when it would break the cap. */
bool guard_allows(const struct station *s, const char *action, const char *payload_json,
                  char *ret_text, size_t size);

/* --- ask.c: requests of operators --- */
/* The station is there: send what waits for it. */
void asks_release(struct station *s);
/* The station is removed. */
void asks_drop(struct station *s);

/* --- observe.c: what an answer means beyond its request --- */
void observe_reply(struct station *s, const char *action, const char *payload_json,
                   const struct central_reply *reply);

/* --- caps.c: what a station can do --- */
void caps_init(struct station *s);
void caps_take(struct station *s, const char *key, const char *value);
/* All its keys have been taken: is there room for what we need? */
void caps_judge(struct station *s);

/* --- mirror.c: charging profiles that a station holds --- */
void profile_set_answered(struct station *s, const json_t *payload,
                          const struct central_reply *reply);
void profile_clear_answered(struct station *s, const json_t *payload,
                            const struct central_reply *reply);
void profile_start_answered(struct station *s, const json_t *payload,
                            const struct central_reply *reply);
/* Of a transaction, and (connector > 0, tx_id 0) of whichever ran on a connector. */
void profiles_of_tx_end(struct station *s, int32_t connector, int64_t tx_id);
/* It is to be balanced: what others have left that could allow more than ours is cleared. */
void profiles_clear_foreign(struct station *s, int32_t connector);
/* How many it would hold with one more. */
size_t profiles_after(const struct station *s, const struct ocpp_charging_profile *more,
                      int32_t connector);
void profiles_done(struct station *s);

/* --- reserve.c --- */
void reserve_init(struct station *s);
/* It will be sent: written before what is submitted next to the store. */
void reserve_asked(struct station *s, const json_t *payload, const char *who, const char *why);
void reserve_answered(struct station *s, const json_t *payload, const struct central_reply *reply);
void cancel_answered(struct station *s, const json_t *payload, const struct central_reply *reply);
/* num of the record that a start uses, 0 = none. */
int64_t reservation_of_start(const struct station *s, int32_t connector, const char *id_tag,
                             int32_t reservation_id, int64_t started_at_ms);
void reservation_used(struct station *s, int64_t num);
/* A connector, or 0, has another status; `before` it had that one. */
void reserve_status(struct station *s, int32_t connector, const char *before, const char *status,
                    int64_t status_at_ms);
void reserve_boot(struct station *s);
void reservations_done(struct station *s);
void reservation_view(const struct connector *k, struct central_connector_view *v);

/* --- remote.c: remote starts that have not begun --- */
void remote_start_answered(struct station *s, const json_t *payload,
                           const struct central_reply *reply);
void remote_start_began(struct connector *k);
void remote_start_status(struct connector *k, const char *before);

/* --- transfer.c --- */
/* A status notification about a transfer; request_id -1 = without. */
void transfer_notice(struct station *s, enum ocpp_action_id action, const char *word,
                     int64_t request_id, struct instant now);
void transfers_booted(struct station *s, struct instant now);
void transfers_ready(struct station *s, struct instant now); /* may be sent requests */
void transfers_leave(struct station *s);                     /* the station is freed */
void transfers_done(struct central *c);
bool transfer_is_running(const struct station *s); /* an update that is not over */

/* --- rollout_run.c --- */
void rollout_job_over(struct central *c, const struct store_file_job *job, struct instant now);
void rollouts_touch(struct central *c, struct instant now);
void rollouts_done(struct central *c);
bool rollouts_need(const struct central *c, int64_t firmware);
/* --- local_list.c --- */
void local_list_ready(struct station *s, struct instant now); /* connected and registered */
void local_list_lost(struct station *s, struct instant now);
void local_list_conflict(struct station *s, struct instant now);
/* Tags, groups or the site have changed. */
void local_lists_touch(struct central *c, struct instant now);
void local_list_free(struct station *s);

/* --- central.c --- */
/* When an instant of the wall clock comes, on the monotonic one. */
int64_t central_mono_of(const struct central *c, int64_t utc_ms);
void central_event(struct central *c, const char *name, enum store_severity severity,
                   const char *station, int32_t connector, struct instant now, const char *format,
                   ...) __attribute__((format(printf, 7, 8)));

#endif
