/*
 * The records that go in and out of the store: plain structs, strings lent, NULL = absent.
 *
 * Used by submit functions (store.h) and by readers (reader.h), so that a record looks the same in
 * both directions.
 */
#ifndef STORAGE_RECORDS_H
#define STORAGE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_ABSENT INT64_MIN /* an integer or instant that is not known */

/* Same order as OCPP 1.6 section 7.2. */
enum store_auth {
    STORE_AUTH_ACCEPTED = 1,
    STORE_AUTH_BLOCKED,
    STORE_AUTH_EXPIRED,
    STORE_AUTH_INVALID,
    STORE_AUTH_CONCURRENT_TX,
};

enum store_registration { STORE_REG_ACCEPTED = 1, STORE_REG_PENDING, STORE_REG_REJECTED };

enum store_session_state {
    STORE_SESSION_ACTIVE = 1,
    STORE_SESSION_FINISHED,    /* closed by the station's StopTransaction */
    STORE_SESSION_PROVISIONAL, /* closed by rule or by a person; a late stop makes a correction */
};

/* Doubts about a session; each has a name (store_flag_text()) and appears in `session problems`. */
enum store_flag {
    STORE_FLAG_TAG_NOT_ACCEPTED = 1 << 0, /* started although the tag was not Accepted */
    STORE_FLAG_CLOCK_OFFSET = 1 << 1, /* the station's clock was off by more than 60 s; corrected */
    STORE_FLAG_CLOCK_WRONG = 1 << 2,  /* timestamps unusable (1970, future): receipt time used */
    STORE_FLAG_TIME_MISSING = 1 << 3, /* no timestamp sent: receipt time used */
    STORE_FLAG_STOP_BEFORE_START = 1 << 4, /* in time */
    STORE_FLAG_METER_BACKWARDS = 1 << 5,   /* meterStop < meterStart: 0 Wh and review */
    STORE_FLAG_METER_MISSING = 1 << 6,     /* meterStart or meterStop absent */
    STORE_FLAG_METER_GAP =
        1 << 7,               /* register differs from the end of the connector's last session */
    STORE_FLAG_LATE = 1 << 8, /* arrived more than an hour after it happened (offline) */
    STORE_FLAG_PROVISIONAL = 1 << 9,        /* closed without StopTransaction */
    STORE_FLAG_CORRECTED = 1 << 10,         /* a late StopTransaction replaced a provisional end */
    STORE_FLAG_MATCHED_ORPHAN = 1 << 11,    /* its stop had come before its start */
    STORE_FLAG_POWER_IMPLAUSIBLE = 1 << 12, /* more energy than rating x time x 1.1 */
    STORE_FLAG_UNKNOWN_CONNECTOR = 1 << 13,
    STORE_FLAG_ZONE_MISSING = 1 << 14, /* time without zone taken as UTC */
};
const char *store_flag_text(uint32_t one_flag); /* "tag-not-accepted", ... */

/* --- master data: what `noxctl apply` brings --- */

struct store_grid_node {
    const char *id, *parent /* NULL for a root */, *name;
    int32_t limit_ma[3], foreign_ma[3], single_max_ma;
    const char *kind;             /* connection | transformer | feeder | cabinet | circuit; NULL */
    int64_t lat_e7, lon_e7;       /* STORE_ABSENT: those of the nearest node above that has them */
    const char *calendar;         /* windows, one a line (windows.h); NULL = none */
    const char *foreign_by_hour;  /* of the week or of the day (windows.h); NULL = foreign_ma */
    int32_t meter_silent_after_s; /* 0 = no live meter; then what follows counts not */
    int32_t meter_guard_ma[3];    /* added to what it measures: most that may come in between */
    int32_t meter_silent_ma[3];   /* foreign load assumed once it is silent */
    bool meter_includes;          /* the charging points below are in what it measures */
    const char *meter_device;     /* its name or EUI in an uplink; NULL = none */
    const char *meter_fields;     /* lines "l1=path.to.value"; NULL = the usual names */
    const char *meter_unit;       /* A | mA | W | kW; NULL = A */
    int32_t green;                /* enum store_green */
};
enum store_green { STORE_GREEN_OFF, STORE_GREEN_CO2, STORE_GREEN_PRICE };

/* --- green hours --- */

/* Factors by the quarter of an hour.  A quarter is known by its beginning; the newest edition that
 * has it counts. */
enum store_series {
    STORE_SERIES_CO2 = STORE_GREEN_CO2,     /* mg CO2 per kWh */
    STORE_SERIES_PRICE = STORE_GREEN_PRICE, /* thousandths of the minor unit per kWh; may be < 0 */
};
enum { STORE_QUARTER_MS = 900000 };
struct store_quarter {
    int64_t from_ms; /* multiple of STORE_QUARTER_MS */
    int64_t value_e3;
};
/* What one import brought: consecutive quarters.  Never changed or deleted. */
struct store_edition {
    int64_t edition; /* 1..; given by the store */
    enum store_series kind;
    int64_t from_ms, until_ms;
    const char *source, *who; /* "" = not said */
    int64_t at_ms;
};
/* A session that waited for better hours at least once. */
struct store_green_session {
    int64_t tx_id;
    enum store_series kind;
    const char *node; /* of the grid, where `green` is on */
    int64_t power_w;  /* with which it would have charged from the beginning */
    int64_t at_ms;    /* first wait */
};

/* A cap on a node from outside: most that may flow, for a while.  Never deleted. */
struct store_cap {
    int64_t id; /* 1.. */
    const char *node;
    int32_t limit_ma[3];
    int64_t from_ms, until_ms;
    const char *said;      /* as it was ordered, for people: "20 kW", "§14a for 8 points" */
    const char *who, *why; /* "" = not said */
    int64_t asked_at_ms;
    int64_t began_at_ms, ended_at_ms; /* STORE_ABSENT = not yet */
    const char *ended_by;             /* "its end", or who took it back; NULL = not yet */
};

struct store_station {
    const char *id;           /* chargePointId, 1..48 characters */
    int32_t security_profile; /* 0..3 */
    const char *grid_node;    /* NULL: not on a shared connection (then not balanced) */
    const char *wiring; /* station's L1..Ln on grid phases: "RST", "STR", "TRS", "R", "S", "T" */
    int32_t rating_ma, safe_ma, min_ma, weight;
    int32_t class;           /* 0 leasing, 1 sticky, 2 forgetful, 3 unmanaged, 4 by evidence */
    const char *tariff;      /* id, NULL: not billed (price 0) */
    const char *operator_id; /* e.g. DE*DEW */
    const char *district, *street, *house_no, *postcode, *city;
    int64_t lat_e7, lon_e7; /* STORE_ABSENT if unknown */
    const char *meter_serial;
    bool strict;                /* OCPP strict mode for acceptance tests */
    bool lax_subprotocol;       /* assume ocpp1.6 when the station names no subprotocol */
    const char *groups;         /* names with blanks between, in order, each once; NULL = none */
    bool groups_only;           /* tags without one of its groups may not charge here */
    bool local_list;            /* noxd keeps its local authorization list */
    int32_t priority;           /* 0..9: the larger is served first */
    const char *certificate_cn; /* CN of its client certificate (serial number); NULL: its id */
    /* kept by the store, ignored by apply: */
    int32_t registration; /* enum store_registration */
    bool has_key, decommissioned;
    uint8_t key_salt[16], key_hash[32];
    int32_t pending_profile; /* a raise that was sent and not seen at work yet; 0 = none */
    bool has_pending_key;    /* the same of a key */
    uint8_t pending_salt[16], pending_hash[32];
    bool has_old_key; /* the one before, for a roll-back */
    uint8_t old_salt[16], old_hash[32];
    const char *vendor, *model, *serial, *firmware; /* from the last BootNotification */
    int64_t booted_at_ms, seen_at_ms;
};

/* Steps of a change of key or security profile (store_security_key, store_security_profile). */
enum store_security {
    STORE_KEY_PENDING,     /* about to be sent: old and new count */
    STORE_KEY_CONFIRMED,   /* the new one is the key, the old one is forgotten */
    STORE_KEY_DROPPED,     /* the station did not take this new one */
    STORE_KEY_BACK,        /* the one before is the key again, and the key the one before */
    STORE_PROFILE_PENDING, /* about to be asked for */
    STORE_PROFILE_RAISED,  /* the station came by it; never downwards */
    STORE_PROFILE_DROPPED, /* it did not take it */
};

struct store_connector {
    const char *station;
    int32_t connector;   /* 1.. */
    const char *evse_id; /* DE*DEW*E0017*1 */
    int32_t max_w;
    /* kept by the store: */
    const char *status, *error_code, *info;
    int64_t status_at_ms;
    bool commissioned;
    int32_t safe_confirmed_ma; /* -1 = not confirmed */
    int32_t learnt_class;      /* as store_point() was told last; -1 = never */
};

struct store_tag {
    const char *id_tag, *parent_id_tag, *customer, *auth_kind; /* rfid | app | direct */
    int32_t status;        /* STORE_AUTH_ACCEPTED or STORE_AUTH_BLOCKED */
    int64_t expires_at_ms; /* STORE_ABSENT = never */
    bool single_session;   /* a second session at the same time gets ConcurrentTx */
    const char *groups;    /* as of a station; NULL = may charge everywhere */
    /* kept by the store, ignored by apply: */
    int32_t revision; /* of its last change: 1.., each change of a tag takes the next */
    int32_t moved;    /* revision since when it has these groups; 0 = since ever */
};

/* A tag that was deleted. */
struct store_tag_gone {
    const char *id_tag, *groups; /* as they were last */
    int32_t revision, moved;
};

/* What the store numbers tags by. */
struct store_tag_state {
    int32_t revision; /* of the last change of any tag, >= 1 */
    int32_t floor;    /* deletions up to this revision are forgotten */
};

/* The local authorization list of a station (OCPP 1.6 section 3.5) as it was brought there. */
struct store_local_list {
    const char *station;
    int32_t version; /* the station has taken; 0 = none, or not known */
    int32_t offered; /* sent, and perhaps taken; 0 = none under way */
    int32_t upto;    /* tag changes up to this revision are in it */
    int32_t base;    /* revision at which its full list was begun */
    int32_t entries;
    int32_t max_entries;        /* LocalAuthListMaxLength it was made for; 0 = none known */
    int64_t scope;              /* digest of what decides which tags belong into it */
    const char *cut;            /* last tag that fits, in the order of choice; NULL = all fit */
    const char *unable;         /* why it gets none, until asked again; NULL = it does */
    const char *firmware;       /* that was unable */
    const char *result;         /* last answer; NULL = none yet */
    int64_t asked_at_ms, at_ms; /* last message, last answer; STORE_ABSENT */
    int64_t n_full, n_differential, n_failed;
};

/* One version of a tariff; sessions keep the version that was valid at their start. */
struct store_tariff {
    const char *id;
    int32_t version;
    int64_t valid_from_ms;
    const char *currency;     /* EUR */
    bool tax_included;        /* prices are gross */
    int32_t vat_bp;           /* 1900 = 19 % */
    int32_t price_e4_per_kwh; /* 0.0001 EUR per kWh */
    int32_t flat_cents;
    int32_t blocking_after_s;    /* free time from the start; -1 = no blocking fee */
    int32_t blocking_e4_per_min; /* 0.0001 EUR per minute */
    int32_t blocking_from_min,
        blocking_to_min;        /* local window, minutes of the day; equal = all day */
    int32_t blocking_cap_cents; /* -1 = no cap */
    const char *alt_text_de, *alt_text_en;
};

/* Emission factor; value = integer / 10^6 of the unit. */
struct store_factor {
    const char *kind; /* grid_location | grid_market | consumption | nox_tailpipe | co2_tailpipe */
    int32_t year;     /* the year the value describes */
    int64_t low_e6, mid_e6, high_e6; /* equal when there is one value */
    const char *unit;                /* g/kWh, kWh/100km, g/km */
    const char *state;               /* final | preliminary | estimated | assumed */
    const char *source;
    const char *revised; /* date the source was published or read, ISO */
};

/* Wanted configuration of the stations that fit.  Patterns: * is any text, ? any character, case
 * does not count; NULL = any. */
struct store_template {
    const char *id;
    const char *vendor, *model, *firmware;
    const char *stations; /* patterns of ids, blanks between */
    const char *groups;   /* patterns of station groups, blanks between */
    int32_t priority;     /* the higher outranks */
    bool reboot;          /* reset an idle station whose new values wait for a reboot */
    const char *keys;     /* lines "Name=value"; "Name" alone = leave it as it is */
};

struct store_site {
    const struct store_grid_node *grid;
    size_t n_grid;
    const struct store_station *station;
    size_t n_stations;
    const struct store_connector *connector;
    size_t n_connectors;
    const struct store_tag *tag;
    size_t n_tags;
    const struct store_tariff *tariff;
    size_t n_tariffs;
    const struct store_factor *factor;
    size_t n_factors;
    const struct store_template *config_template;
    size_t n_templates;
    /* kept by the store: */
    bool without_tags; /* tags were not read: what is known of them stays */
    const struct store_tag_gone *tag_gone;
    size_t n_tags_gone;
    struct store_tag_state tag_state;
};

enum store_change_kind { STORE_ADDED = 1, STORE_CHANGED, STORE_UNCHANGED };
struct store_change {
    enum store_change_kind kind;
    const char *list; /* "grid", "stations", ... */
    const char *id;
    const char *detail; /* "limit_a 63 -> 80", may be empty */
};

/* --- what stations say --- */

struct store_boot {
    const char *station, *vendor, *model, *serial, *firmware, *iccid, *imsi, *meter_type,
        *meter_serial;
    const char *address;  /* it came from; NULL unknown */
    int32_t registration; /* answered */
    int64_t at_ms;
};

struct store_status {
    const char *station;
    int32_t connector;
    const char *status, *error_code, *info, *vendor_id, *vendor_error_code; /* as received */
    int64_t status_at_ms; /* station's timestamp, corrected; or receipt */
    int64_t received_at_ms;
};

struct store_tx_start {
    const char *station;
    int32_t connector;
    const char *id_tag; /* as received */
    int32_t meter_start_wh;
    int64_t station_at_ms; /* timestamp as sent (natural key); receipt time if none */
    int64_t started_at_ms; /* corrected by the measured clock offset */
    int64_t received_at_ms;
    int32_t reservation_id; /* INT32_MIN if absent */
    int64_t reservation;    /* num of the record that a new, accepted start uses; 0 = none */
    int32_t auth_status;    /* our verdict now; a duplicate keeps the first */
    const char *auth_kind;  /* rfid | app | direct, NULL unknown */
    const char *customer;   /* from the tag, NULL unknown */
    uint32_t flags;
};

struct store_tx_stop {
    const char *station;
    int64_t tx_id;      /* as sent: may be unknown, 0, -1 */
    const char *id_tag; /* NULL = stopped by the station itself */
    int32_t meter_stop_wh;
    int64_t station_at_ms, stopped_at_ms, received_at_ms; /* as in store_tx_start */
    const char *reason;                                   /* as received; NULL = Local */
    uint32_t flags;
    const struct store_meter *data; /* transactionData */
    size_t n_data;
};

/* One meterValue element: what it says at one instant. */
struct store_meter {
    const char *station;
    int32_t connector;
    int64_t tx_id;         /* 0 = none sent; attached by connector and time where possible */
    int64_t sampled_at_ms; /* corrected */
    int64_t received_at_ms;
    int64_t register_uwh;  /* Energy.Active.Import.Register, total; STORE_ABSENT if not in it */
    int64_t power_mw;      /* Power.Active.Import, total; STORE_ABSENT */
    int32_t current_ma[3]; /* Current.Import per terminal; -1 = not in it */
    int32_t soc_pct;       /* -1 = not in it */
    const char *raw;       /* JSON text of the sampledValue list, as received */
    bool undated; /* no time was told that can be: sampled_at_ms is that of the arrival; not kept */
};

enum store_severity { STORE_INFO = 1, STORE_WARNING, STORE_ALARM };
struct store_event {
    int64_t at_ms;
    const char *name; /* stable id, e.g. "station.boot", "call.failed", "storage.full" */
    enum store_severity severity;
    const char *station; /* NULL if about none */
    int32_t connector;   /* -1 if about none */
    const char *text;    /* one sentence for people */
};

struct store_refused {
    int64_t at_ms;
    const char *identity; /* as tried */
    const char *reason;   /* stable word: unknown-station, bad-key, no-subprotocol, ... */
    const char *detail;   /* what was seen and what to change */
    const char *address;
};

struct store_config_key {
    const char *key, *value; /* value NULL = none */
    bool readonly, known;
};

/* Where a station stands with one key that we want of it. */
enum store_key_state {
    STORE_KEY_UNREAD = 1,   /* not asked yet */
    STORE_KEY_SAME,         /* as wanted */
    STORE_KEY_DIFFERS,      /* to be set */
    STORE_KEY_READONLY,     /* differs, and may not be set */
    STORE_KEY_UNKNOWN,      /* the station does not know it */
    STORE_KEY_REJECTED,     /* the station said no */
    STORE_KEY_NEEDS_REBOOT, /* taken, counts after a reboot */
    STORE_KEY_IGNORED,      /* said yes, and reports another value */
    STORE_KEY_PARTLY,       /* a list of which it took some entries */
    STORE_KEY_UNANSWERED,   /* asked, and no answer came */
    STORE_KEY_STATE_END
};
/* "same", "read-only", ...; "?" for no state */
const char *store_key_state_text(int32_t state);

struct store_key_wish {
    const char *station, *key, *wanted;
    const char *reported;  /* NULL = not told */
    const char *source;    /* template id, or "noxd" */
    const char *note;      /* for people, may be empty */
    const char *firmware;  /* that the state was found with; NULL unknown */
    const char *who, *why; /* asked for the last attempt */
    int32_t state;         /* enum store_key_state */
    int64_t at_ms;         /* of the state */
};

/* A kind of deviation from the standard, counted by model. */
struct store_violation {
    const char *vendor, *model, *firmware; /* "" unknown */
    const char *kind;                      /* action, place and what is wrong */
    const char *station, *example;         /* the newest */
    int64_t count;                         /* written: to be added */
    int64_t first_at_ms, last_at_ms;
};

/* A station that was taken in unknown and waits for a decision. */
struct store_waiting {
    const char *station, *vendor, *model, *serial, *firmware, *address;
    int32_t registration;
    int64_t first_at_ms, last_at_ms, n_boots;
};

/* Who may use the admin API over https: token.c. */
struct store_token {
    const char *name; /* unique; 1..40 characters */
    const char *role; /* a word of the caller's */
    const char *node; /* the only grid node it is for; NULL = all */
    uint8_t hash[32]; /* SHA-256 of the token, which is not kept */
    int64_t made_at_ms;
    const char *who;
};

/* How a station, or all of its vendor, model and firmware, treats limits (SCHEDULER section 3). */
struct store_evidence {
    const char *station;                   /* "" = of the model */
    const char *vendor, *model, *firmware; /* "" unknown */
    int32_t class;   /* as of a station, not auto; -1 = nothing is known (any more) */
    bool demoted;    /* measured against its word: only new firmware or the operator lift it */
    const char *why; /* for people */
    int64_t at_ms;
};

/* What the scheduler ordered; numbers are kept in the database. */
enum store_decision_kind {
    STORE_DECISION_SAFE, /* the station's own profile at the safe current */
    STORE_DECISION_LOWER,
    STORE_DECISION_RAISE,
    STORE_DECISION_RENEW,
    STORE_DECISION_KIND_END
};
/* "safe", "lower", "raise", "renew"; "?" for no kind */
const char *store_decision_kind_text(int32_t kind);

/* What became of it. */
enum store_decision_answer {
    STORE_DECISION_OPEN, /* under way, or the server was stopped meanwhile */
    STORE_DECISION_ACCEPTED,
    STORE_DECISION_REJECTED,
    STORE_DECISION_UNKNOWN, /* no answer came, or one that tells nothing */
    STORE_DECISION_NOT_SENT,
    STORE_DECISION_ANSWER_END
};
/* "open", "accepted", "rejected", "no answer", "not sent"; "?" for none of them */
const char *store_decision_answer_text(int32_t answer);

/* One command to a station: kept for 90 days, so that a limit can be explained later. */
struct store_decision {
    const char *station;
    int32_t connector;
    uint32_t seq;
    int64_t tx_id; /* 0 = of no transaction */
    int64_t at_ms;
    int32_t kind;           /* enum store_decision_kind */
    int32_t limit_ma;       /* until end_at_ms */
    int32_t safe_ma;        /* from then on */
    int64_t end_at_ms;      /* INT64_MAX = without end */
    const char *reason;     /* a phrase for people */
    const char *node;       /* where no more was free; NULL = at none, or not known */
    int32_t phase;          /* of that node, 0..2; -1 = none */
    int32_t answer;         /* enum store_decision_answer; not written */
    int64_t answered_at_ms; /* STORE_ABSENT = none yet; not written */
};

/* A lease of which only this is known: that the database may have lost it.  Any limit that the
 * station accepts takes its place. */
#define STORE_TX_UNKNOWN INT64_C(-1)

struct store_lease {
    const char *station;
    int32_t connector;
    int64_t tx_id;
    uint32_t seq;
    int32_t limit_ma, safe_ma;
    int64_t start_at_ms, end_at_ms; /* INT64_MAX = without end */
    int64_t at_ms;
    const struct store_decision *decision; /* written in the same commit; NULL = none */
    bool accepted;                         /* by the station's answer; not written with the lease */
};

/* What was told of a session: need.c.  Kept with it for good. */
struct store_need {
    int64_t tx_id;        /* 0 = nothing was told */
    int64_t depart_at_ms; /* STORE_ABSENT = not told */
    int64_t energy_wh;    /* of the whole session; 0 = not told */
    int32_t min_ma;       /* below it the car does not charge; 0 = the station's */
    int32_t priority;     /* 0..9; -1 = the station's */
    int64_t told_at_ms;
    const char *who, *why; /* "" = not said */
};

/* What became of a lease: the station's answer to its profile. */
struct store_lease_outcome {
    const char *station;
    int32_t connector;
    int64_t tx_id;
    uint32_t seq;
    int64_t at_ms;        /* as in the lease */
    bool installed;       /* false: it is not in force, the lease goes */
    int64_t older_end_ms; /* installed: older leases of the transaction end then at the latest */
    /* Of the decision with this number and time. */
    int32_t answer; /* enum store_decision_answer; UNKNOWN leaves the leases as they are */
    int64_t answered_at_ms;
    bool no_lease; /* there is none: only the decision is looked at */
};

/* --- what operators ask of stations: call_log.c --- */

enum store_call_outcome {
    STORE_CALL_QUEUED = 1, /* waits for the station to connect, until its deadline */
    STORE_CALL_OPEN,       /* under way */
    STORE_CALL_ANSWERED,
    STORE_CALL_CALLERROR,
    STORE_CALL_TIMEOUT,
    STORE_CALL_LOST,    /* whether it was carried out is unknown */
    STORE_CALL_OFFLINE, /* this and what follows: nothing was sent */
    STORE_CALL_QUEUE_FULL,
    STORE_CALL_REPLACED,
    STORE_CALL_REFUSED,
    STORE_CALL_EXPIRED, /* the station did not connect in time */
};
const char *store_call_outcome_text(int32_t outcome); /* "queued", "answered", ... */

struct store_call {
    int64_t id; /* of the log; 0 in a new one */
    const char *station, *action;
    const char *payload;   /* JSON text without secrets, perhaps cut */
    bool is_whole;         /* payload is all that is to be sent: it can be sent after a restart */
    const char *who, *why; /* "" = not said */
    int64_t asked_at_ms;
    int64_t until_ms; /* QUEUED: deadline, else STORE_ABSENT */
    int64_t timeout_ms;
    int64_t sent_at_ms, finished_at_ms; /* STORE_ABSENT = not (yet) */
    int32_t outcome;
    const char *answer; /* JSON text or words, perhaps cut; NULL = none */
};

/* --- reservations: reservation.c --- */

enum store_reservation_state {
    STORE_RES_REQUESTED = 1, /* asked, not answered: may hold */
    STORE_RES_ACTIVE,        /* the station holds the place */
    STORE_RES_USED,          /* a session has begun with it */
    STORE_RES_EXPIRED,
    STORE_RES_CANCELLED,
    STORE_RES_ENDED,    /* by the station */
    STORE_RES_REFUSED,  /* by the station, or never sent */
    STORE_RES_REPLACED, /* by a newer one of the same id */
};
const char *store_reservation_state_text(int32_t state);

struct store_reservation {
    int64_t num; /* of the record, 1.. */
    const char *station;
    int32_t id, connector;       /* as sent; connector 0 = any */
    const char *id_tag, *parent; /* parent NULL = none */
    int64_t expires_at_ms;
    int32_t state;
    const char *who, *why, *note; /* note: how it came to its state, for people */
    int64_t asked_at_ms, changed_at_ms;
    int64_t tx_id; /* 0 = none */
};

/* --- charging profiles that stations hold as far as we know: profile.c --- */

struct store_profile {
    const char *station;
    int32_t connector, id, stack_level;
    const char *purpose;
    int64_t tx_id;    /* 0 = none */
    const char *json; /* csChargingProfiles as sent */
    int64_t at_ms;
};

/* --- files: firmware, one-time transfers, rollouts: file.c --- */

struct store_firmware {
    int64_t num;                          /* 1.., never used twice */
    const char *sha256;                   /* of the file, 64 hexadecimal digits; also its name */
    const char *name;                     /* as it was added, without folders */
    const char *version, *vendor, *model; /* vendor, model: "" = any */
    int64_t size;
    const char *signature;   /* base64, NULL = not signed */
    const char *certificate; /* of who signed it, PEM, NULL */
    const char *who, *why;
    int64_t at_ms;
    bool removed; /* kept for the records that name it */
};

enum store_file_kind {
    STORE_FILE_FIRMWARE = 1,    /* UpdateFirmware */
    STORE_FILE_SIGNED_FIRMWARE, /* SignedUpdateFirmware */
    STORE_FILE_DIAGNOSTICS,     /* GetDiagnostics */
    STORE_FILE_SECURITY_LOG,    /* GetLog */
    STORE_FILE_DIAGNOSTICS_LOG, /* GetLog */
};

enum store_file_state {
    STORE_FILE_WAITING = 1, /* nothing was sent yet */
    STORE_FILE_SENDING,     /* about to be sent, or sent and not answered */
    STORE_FILE_RUNNING,     /* the station has it */
    STORE_FILE_DONE,        /* this and what follows: over */
    STORE_FILE_FAILED,
    STORE_FILE_TIMED_OUT,
    STORE_FILE_ABORTED,  /* by an operator */
    STORE_FILE_REPLACED, /* by a newer one */
};
const char *store_file_kind_text(int32_t kind);   /* "firmware", "signed-firmware", ... */
const char *store_file_state_text(int32_t state); /* "waiting", "sending", ... */

/* One transfer between a station and a file; its id is the requestId of OCPP. */
struct store_file_job {
    int64_t id;
    int32_t kind, state;
    const char *station;
    int64_t firmware, rollout; /* 0 = none */
    const char *url;           /* given by the operator; NULL = of our own file server */
    const char *token;         /* SHA-256 of the token of our URL in hexadecimal; NULL = none */
    const char *version;       /* wanted after an update, "" = not known */
    const char *status;        /* the station's last word, "" = none */
    const char *note;          /* how it came to its state, for people */
    const char *file;          /* of the upload, as kept; NULL = none */
    const char *sha256;        /* of that file; NULL */
    int64_t size;              /* of that file, -1 = none */
    int64_t start_at_ms;       /* not before */
    int64_t install_at_ms, from_ms, to_ms; /* STORE_ABSENT = not said */
    int32_t retries, retry_s;              /* -1 = not said */
    bool wrong_signature;                  /* on purpose */
    const char *who, *why;
    int64_t asked_at_ms, changed_at_ms, until_ms;
};

enum store_rollout_state {
    STORE_ROLLOUT_RUNNING = 1,
    STORE_ROLLOUT_PAUSED, /* by an operator, or because too much failed: see note */
    STORE_ROLLOUT_DONE,
    STORE_ROLLOUT_ABORTED,
};
const char *store_rollout_state_text(int32_t state);

struct store_rollout {
    int64_t num, firmware;
    int32_t state, canary, max_parallel, stop_after;
    int32_t forgiven;         /* failures before the last resume: they count no more */
    int32_t from_min, to_min; /* minutes of the local day; equal = always */
    bool force;               /* do not wait for sessions to end */
    bool is_signed;
    int32_t retries, retry_s; /* of each station's download, -1 = not said */
    const char *note, *who, *why;
    int64_t at_ms, changed_at_ms;
};

enum store_target_state {
    STORE_TARGET_WAITING = 1,
    STORE_TARGET_RUNNING,
    STORE_TARGET_DONE,
    STORE_TARGET_FAILED,
    STORE_TARGET_SKIPPED, /* had the version already, or is no known station any more */
};
const char *store_target_state_text(int32_t state);

struct store_rollout_target {
    int64_t rollout;
    int32_t place; /* order, from 0 */
    int32_t state;
    const char *station;
    int64_t job; /* the last one, 0 = none yet */
    int32_t tries;
    const char *note;
    int64_t changed_at_ms;
};

/* Which to forget; all conditions together. */
struct store_profile_filter {
    const char *station;
    int32_t id, connector, stack_level; /* -1 = any */
    const char *purpose;                /* NULL = any */
    int64_t tx_id;                      /* 0 = any */
};

/* --- certificates: cert.c --- */

enum store_cert_state {
    STORE_CERT_PENDING = 1, /* waits for an operator */
    STORE_CERT_APPROVED,    /* to be signed */
    STORE_CERT_SIGNED,      /* to be delivered */
    STORE_CERT_ACCEPTED,    /* by the station */
    STORE_CERT_REJECTED,    /* by the station; no second attempt by itself */
    STORE_CERT_REFUSED,     /* by the operator */
    STORE_CERT_REPLACED,    /* the station sent a newer request */
    STORE_CERT_FAILED,      /* could not be signed */
};
const char *store_cert_state_text(int32_t state); /* "pending", "approved", ... */

struct store_cert_request {
    int64_t id; /* 0 in a new one */
    const char *station, *csr /* PEM */, *subject, *cn, *key;
    int32_t state;
    bool renewal; /* the station showed a valid certificate of ours for the same CN */
    int64_t asked_at_ms, changed_at_ms;
    const char *who, *why;           /* of the decision; "" = nobody yet, or not said */
    const char *note;                /* for people: what went wrong; "" = nothing */
    const char *chain, *fingerprint; /* PEM that was signed, and of its first; NULL = not yet */
};

enum store_cert_kind { STORE_CERT_CA = 1, STORE_CERT_STATION, STORE_CERT_SERVER, STORE_CERT_ROOT };
const char *store_cert_kind_text(int32_t kind); /* "ca", "station", "server", "root" */

struct store_certificate {
    const char *fingerprint; /* SHA-256 of the DER in hex */
    int32_t kind;
    const char *station; /* whose it is; NULL = no station's */
    const char *subject, *issuer, *cn, *serial, *key, *pem;
    int64_t not_before_ms, not_after_ms;
    int64_t request; /* it was signed for; 0 = none */
    int64_t added_at_ms;
    int64_t seen_at_ms;                    /* first shown by its station; STORE_ABSENT = never */
    int64_t replaced_at_ms, revoked_at_ms; /* STORE_ABSENT = not */
    const char *note;                      /* of the revocation: who and why; "" */
    int32_t warned_days;                   /* the last warning of its end; 1000 = none */
};

/* A certificate in a station's store, as it names it. */
struct store_installed {
    const char *station, *type; /* "CentralSystemRootCertificate" */
    const char *hash, *issuer_name_hash, *issuer_key_hash, *serial;
    int64_t at_ms;
};

/* --- what watches over the stations: watch.c --- */

enum store_origin { STORE_OF_STATION = 1, STORE_OF_CENTRAL };
struct store_security_event {
    int64_t id;          /* 0 in a new one */
    const char *station; /* NULL: about none that is known */
    const char *type;    /* "InvalidMessages", also one that no standard knows */
    int32_t origin;      /* who noticed: enum store_origin */
    bool critical;
    int64_t at_ms, received_at_ms; /* the first by the corrected clock of who noticed */
    /* Received before this, the same is this one, sent again as its answer was lost: not stored
     * again.  0 = do not look. */
    int64_t repeats_before_ms;
    const char *info;
    struct store_event event; /* recorded in the same commit; name NULL = none */
};
struct store_security_count {
    const char *station, *type;
    int32_t origin;
    bool critical;
    int64_t n, first_at_ms, last_at_ms;
};

enum { STORE_CONNECTIONS_KEPT = 10 }; /* per station */
struct store_connection {
    const char *station;
    int64_t link;                       /* number since noxd's start */
    const char *address, *transport;    /* "ws", "wss, TLSv1.3, ..." */
    int64_t opened_at_ms, closed_at_ms; /* STORE_ABSENT: it is open */
    int32_t code;                       /* of the websocket, 0 = it was cut */
    const char *reason;                 /* who ended it and why */
};

/* --- what readers give back besides --- */

struct store_session {
    int64_t tx_id;
    const char *station;
    int32_t connector;
    const char *evse_id, *district, *operator_id;
    const char *id_tag, *auth_kind, *customer;
    int32_t auth_status;
    int32_t state; /* enum store_session_state */
    int64_t started_at_ms, received_start_at_ms;
    int64_t stopped_at_ms, received_stop_at_ms; /* STORE_ABSENT while active */
    int64_t meter_start_wh, meter_stop_wh;      /* STORE_ABSENT if unknown */
    int64_t energy_wh; /* stop - start, >= 0; while active by the last register */
    const char *reason;
    const char *tariff;
    int32_t tariff_version;
    uint32_t flags;
    int64_t last_register_wh, last_sample_at_ms; /* STORE_ABSENT if none */
    uint8_t phases; /* while active: grid phases the car was found to use, bit p; 0 = unknown */
    int64_t cdr_no; /* live record, 0 = none */
    struct store_need need;
};

/* Charge detail record: append-only, numbered without gaps. */
struct store_cdr {
    int64_t no;
    const char *id, *kind;                       /* normal | late | credit | replacement */
    int64_t ref_no;                              /* 0 = none */
    const char *booking_period, *service_period; /* "2026-10" */
    struct store_session session;
    int64_t energy_wh; /* negative on a credit */
    int64_t energy_cents, blocking_min, blocking_cents, other_cents;
    int64_t gross_cents, net_cents, vat_cents;
    int32_t vat_bp, price_e4_per_kwh;
    const char *currency, *value_state, *meter_serial;
    uint32_t flags;
    int64_t created_at_ms;
};

#endif
