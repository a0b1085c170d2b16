/*
 * Inside a charge point: shared by point.c, outlet.c, calls.c, meter.c, files.c and the serve*.c
 * only.
 */
#ifndef CMD_NOXSIM_POINT_STATE_H
#define CMD_NOXSIM_POINT_STATE_H

#include "cmd/noxsim/keys.h"
#include "cmd/noxsim/local_list.h"
#include "cmd/noxsim/point.h"
#include "cmd/noxsim/profiles.h"
#include "cmd/noxsim/reservations.h"
#include "cmd/noxsim/rng.h"
#include "cmd/noxsim/vault.h"
#include "ocpp/wire/rpc.h"

enum { PILOT_MIN_MA = 6000 }; /* IEC 61851-1: below this no car charges */

/* --- meter.c --- */

/* One reading of an outlet. */
struct sample {
    int64_t at_ms; /* UTC by the station's clock */
    int64_t register_wh;
    int32_t power_w, current_ma, n_phases; /* current flows on the first n_phases terminals */
    int32_t wired_phases, offered_ma, soc_percent;
    int32_t context;     /* OCPP_CONTEXT_* */
    unsigned measurands; /* METER_* */
};

/* --- calls.c --- */

/* A transaction: kept while it runs and while messages of it wait. */
struct tx {
    int32_t id; /* 0 = not told yet, -1 = the central system never learnt of it (errata 3.18) */
    int64_t started_ms; /* UTC by the station's clock */
    int32_t meter_start_wh;
    int32_t reservation_id;        /* OCPP_INT_ABSENT = none was used */
    char id_tag[21], stop_tag[21]; /* stop_tag: another one that ended it, "" = the same */
    unsigned refs;
};

enum message_kind { MESSAGE_START, MESSAGE_METER, MESSAGE_STOP };

/* A transaction-related message; sent in order, repeated until it is answered. */
struct tx_message {
    struct tx_message *next;
    uint64_t order;
    enum message_kind kind;
    struct tx *tx; /* NULL: meter values outside of a transaction */
    int32_t connector, attempts, errors;
    int64_t not_before_ms;
    struct sample sample; /* METER; STOP: the last one */
    struct sample begin;  /* STOP with transactionData: the first one */
    bool has_data;
    int32_t reason; /* STOP: OCPP_REASON_*, 0 = Local */
    bool has_id_tag;
};

/* Everything else; lost with the link unless it is kept. */
struct note {
    struct note *next;
    uint64_t order;
    enum ocpp_action_id action;
    int32_t connector;
    int32_t status;       /* StatusNotification: OCPP_STATUS_*; others: their own status */
    int64_t at_ms;        /* UTC */
    int32_t error_code;   /* StatusNotification: OCPP_ERROR_CODE_*, 0 = none */
    int32_t request_id;   /* logs and signed firmware; OCPP_INT_ABSENT = none */
    const char *id_tag;   /* Authorize; lent by the outlet's arrival */
    const char *type;     /* SecurityEventNotification; action OCPP_ACTION_END: its name; lent */
    char *text;           /* tech info, CSR, payload; owned by the queue */
    bool was_triggered;   /* may be sent while Pending */
    bool is_kept;         /* sent again after the link was lost or nobody answered */
    int32_t unanswered;   /* so often nobody answered although the link stood */
    struct sample sample; /* triggered MeterValues without a transaction */
};

struct flying {
    bool active;
    char id[40];
    enum ocpp_action_id action;
    struct tx_message *message; /* still first in the queue */
    struct note *note;          /* owned */
    int64_t sent_ms, timeout_ms;
};

/* --- outlet.c --- */

struct outlet {
    struct point *point;
    int32_t number; /* connectorId */
    /* the car */
    bool is_plugged, had_tx;
    struct vehicle car;
    int64_t leave_ms, unplug_ms, swipe_ms; /* TIME_NEVER = not */
    const char *tag;
    bool is_authorizing;
    int32_t failed_swipes;
    char parent[21];    /* of the tag, as far as the central system or the list said */
    int32_t error_code; /* OCPP_ERROR_CODE_*, 0 = in order */
    /* a recorded session instead of a car */
    const struct recorded *recorded;
    int64_t next_sample_utc_ms;
    /* the session */
    struct tx *tx;
    struct sample begin;
    int64_t register_uj; /* of the meter */
    int32_t offered_ma, limit_ma;
    int32_t kept_ma; /* of a station that ignores leases: limit since the last profile came */
    uint64_t kept_since;
    const struct tx *kept_tx;
    int64_t limit_next_ms, offered_since_ms;
    int64_t sample_ms, aligned_ms;
    /* what is said of it */
    int32_t status_told;
    bool is_inoperative, becomes_inoperative;
    struct grid_load load;
};

/* --- point.c --- */

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_UP };

/* A message of a slow station: taken in or sent off later. */
struct late {
    struct late *next;
    int64_t due_ms;
    bool is_answer;
    size_t len;
    char text[];
};

struct point {
    struct env *env;
    const struct site_station *site;
    struct rng rng;
    struct timer timer;
    /* link */
    struct ws_link *link;
    enum link_state link_state;
    bool is_muted;
    int64_t connect_ms;
    int32_t failures;
    /* registration */
    bool is_powered, needs_boot, is_ending;
    int32_t registration; /* OCPP_REGISTRATION_*, 0 = none yet */
    int64_t boot_ms, heartbeat_ms, power_on_ms, reset_ms;
    bool reset_is_hard;
    /* clock */
    int64_t utc_offset_ms, clock_error_ms;
    bool clock_is_set;
    int64_t synced_at_ms, synced_utc_ms;
    /* faults */
    bool ignores_profiles, ignores_leases, rejects_profiles, is_forgetful, resumes;
    int64_t calm_ms; /* no fault before */
    int64_t cut_ms, half_open_ms, unmute_ms, reboot_ms;
    /* */
    struct profiles profiles;
    uint64_t profiles_taken;
    struct keys keys;
    struct local_list local_list;
    struct local_list cache; /* of what the central system said, AuthorizationCacheEnabled */
    bool local_list_changed; /* since it was written to disk */
    struct reservations reservations;
    struct files *files;    /* transfers that run; NULL = there were none yet */
    char *firmware_version; /* NULL = as delivered */
    /* security; all of it NULL before it is needed */
    int32_t profile; /* 0 to 3 */
    struct vault *vault;
    struct trial *trial;
    struct security_log *security_log;
    bool refused_once;
    int64_t relogin_ms, renew_ms;
    bool is_updating; /* connectors without a session are Unavailable */
    bool fails_install;
    int32_t station_status_told; /* connector 0 */
    struct outlet *outlet;
    size_t n_outlets;
    /* messages */
    uint64_t next_order, next_id;
    struct tx_message *queue, **queue_last;
    size_t n_queue;
    struct note *notes, **notes_last;
    struct flying flying;
    struct late *late, **late_last;
    struct ocpp_arena arena;
    struct ocpp_text out;
};

int64_t point_utc_of(const struct point *p, int64_t simulated_ms);
/* After any event: limits, cars, status, messages, the timer. */
void point_settle(struct point *p);
void point_break_link(struct point *p, int64_t back_in_ms);
void point_power_off(struct point *p, int64_t for_ms, int32_t stop_reason);

/* calls.c */
/* @param note  copied; its text is taken over */
void calls_note(struct point *p, const struct note *note);
void note_free(struct note *note);
void calls_tx_message(struct point *p, const struct tx_message *message);
void calls_pump(struct point *p);
void calls_on_answer(struct point *p, const struct ocpp_frame *frame);
void calls_on_due(struct point *p);
int64_t calls_next_ms(const struct point *p);
void calls_link_lost(struct point *p);
void calls_done(struct point *p);
void tx_unref(struct tx *tx);

/* files.c */
void files_on_due(struct point *p);
int64_t files_next_ms(const struct point *p);
void files_power_lost(struct point *p); /* transfers are cut; what is installed comes up */
void files_done(struct point *p);
bool files_idle(const struct point *p);

/* serve_security.c */
enum { SECURITY_SECRET_MAX = 64 };
void security_init(struct point *p);
void security_done(struct point *p);
void security_on_due(struct point *p);
int64_t security_next_ms(const struct point *p);
/* @param secret  room for the password; the login lives as long */
void security_login(struct point *p, struct ws_login *ret, char secret[SECURITY_SECRET_MAX]);
void security_connected(struct point *p);
void security_refused(struct point *p, const char *why);
void security_clock_moved(struct point *p, int64_t by_ms);
/* SecurityEventNotification. @param type  static @param text  copied, may be NULL */
void security_event(struct point *p, const char *type, const char *text);
/* One that nobody asked for. */
void security_event_if_told(struct point *p, const char *type, const char *text);
/* Made at the first use. @return NULL, with a warning, if it cannot be read */
struct vault *security_vault(struct point *p);
/* Of BootNotification and certificates. @return ret */
const char *security_serial(const struct point *p, char ret[26]);

/* serve.c */
void serve_call(struct point *p, const char *text, size_t len);

/* point.c */
void point_accept(struct point *p, const struct ocpp_boot_notification_conf *conf, int64_t sent_ms);
void point_take_clock(struct point *p, int64_t current_time_ms, int64_t sent_ms);
/* Of connector 0. */
int32_t point_station_status(const struct point *p);
/* Close the link and come back at once, maybe with other credentials. */
void point_relogin(struct point *p);
/* All that goes out. */
void point_send(struct point *p, const char *text, size_t len);
void point_send_answer(struct point *p, const char *text, size_t len);

/* outlet.c */
void outlet_init(struct outlet *o, struct point *p, int32_t number);
void outlet_done(struct outlet *o);
void outlet_update(struct outlet *o); /* the car and the meter until now, the limit, the load */
void outlet_on_due(struct outlet *o);
int64_t outlet_next_ms(const struct outlet *o);
int32_t outlet_status(const struct outlet *o);
void outlet_tell_status(struct outlet *o);
void outlet_plug(struct outlet *o, const struct point_arrival *arrival);
void outlet_start(struct outlet *o, const char *tag, const char *parent); /* parent may be NULL */
void outlet_stop(struct outlet *o, int32_t reason, bool by_tag);
/* @param info  NULL: nobody answered */
void outlet_on_authorized(struct outlet *o, const struct ocpp_id_tag_info *info);
void outlet_on_start_answer(struct outlet *o, const struct tx *tx,
                            const struct ocpp_id_tag_info *info);
bool outlet_is_held(const struct outlet *o); /* reserved for somebody */
/* The tag's entry of the local list, if there is one and it counts; lent. */
const struct local_entry *point_listed(const struct point *p, const char *tag);
/* The same, or else what the cache says. */
const struct local_entry *point_known(const struct point *p, const char *tag);
void point_remember(struct point *p, const char *tag, const struct ocpp_id_tag_info *info);
enum reservable outlet_reservable(const struct outlet *o);
void outlet_unplug(struct outlet *o);
bool outlet_tap(struct outlet *o, const char *tag); /* false: neither begins nor ends anything */
void outlet_end(struct outlet *o);                  /* the session is stopped, the car is gone */
void outlet_power_lost(struct outlet *o);
struct profile_use outlet_use(const struct outlet *o);
struct sample outlet_sample(struct outlet *o, int32_t context, enum key measurands);
struct outlet *point_outlet(struct point *p, int32_t connector);

/* meter.c */
/* Build a MeterValue of a sample in the arena. @return false when it is out of memory */
bool meter_value(struct ocpp_arena *arena, const struct sample *sample,
                 struct ocpp_meter_value *ret_value);

#endif
