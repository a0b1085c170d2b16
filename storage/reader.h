/*
 * Reading: a connection of its own, read-only, one read transaction from open to close.
 *
 * A reader sees one consistent picture and never waits for the writer.  Use one reader on one
 * thread at a time.  Rows are handed to a callback; its strings are valid until it returns; it
 * returns false to stop early.  All functions return STORE_OK also for an empty list.
 */
#ifndef STORAGE_READER_H
#define STORAGE_READER_H

#include "storage/records.h"
#include "storage/store.h"

struct reader;

enum store_rc reader_open(const char *path, struct reader **ret_reader, char *ret_text,
                          size_t size);
void reader_close(struct reader *r);

/**
 * The whole configuration, as store_apply() takes it, with what the store keeps beside it.
 * @param ret_site  owned by the reader, valid until reader_close()
 */
enum store_rc reader_site(struct reader *r, const struct store_site **ret_site);
/** The same without tags, of which there may be very many (without_tags is set). */
enum store_rc reader_site_but_tags(struct reader *r, const struct store_site **ret_site);

/** One tag, by any spelling.  No row: there is none.  Texts are lent until row returns. */
enum store_rc reader_tag(struct reader *r, const char *id_tag,
                         bool (*row)(void *arg, const struct store_tag *tag), void *arg);

struct reader_tag_filter {
    const char *after;    /* idTag: only what follows it; NULL = from the first */
    const char *search;   /* part of an idTag or customer, ASCII case does not count; NULL = any */
    const char *customer; /* NULL = any */
    const char *group, *parent;
    int32_t status; /* STORE_AUTH_*; 0 = any */
    int64_t limit;  /* 0 = all */
};
/** Tags in the order of their upper-cased idTag. */
enum store_rc reader_tags(struct reader *r, const struct reader_tag_filter *filter,
                          bool (*row)(void *arg, const struct store_tag *tag), void *arg);

enum store_rc reader_local_lists(struct reader *r,
                                 bool (*row)(void *arg, const struct store_local_list *list),
                                 void *arg);

struct reader_session_filter {
    const char *station;    /* NULL = all */
    const char *id_tag;     /* case-insensitive */
    int32_t state;          /* enum store_session_state, 0 = all */
    bool problems;          /* only with flags */
    int64_t from_ms, to_ms; /* by end (active: by start), half open; STORE_ABSENT = open */
    int64_t before_tx_id;   /* paging: only ids below; 0 = from the newest */
    int64_t limit;          /* 0 = all */
};
enum store_rc reader_sessions(struct reader *r, const struct reader_session_filter *filter,
                              bool (*row)(void *arg, const struct store_session *session),
                              void *arg);
enum store_rc reader_session(struct reader *r, int64_t tx_id,
                             bool (*row)(void *arg, const struct store_session *session),
                             void *arg);
enum store_rc reader_orphans(struct reader *r,
                             bool (*row)(void *arg, int64_t orphan_id,
                                         const struct store_tx_stop *stop),
                             void *arg);
/* Samples in the order of time: of a session (with station or NULL), or with tx_id 0 all that a
 * station (NULL: anyone) ever sent, which reads the whole table. */
enum store_rc reader_meter(struct reader *r, const char *station, int64_t tx_id, int64_t limit,
                           bool (*row)(void *arg, const struct store_meter *meter), void *arg);
/* Highest values of a session's samples. */
struct reader_peak {
    int64_t tx_id;
    int32_t current_ma[3]; /* by terminal; -1 = never told */
    int64_t power_mw;      /* STORE_ABSENT = never told */
};
/* Of all sessions with samples of this time, in no order: reads all samples of it once. */
enum store_rc reader_meter_peaks(struct reader *r, int64_t from_ms, int64_t to_ms,
                                 bool (*row)(void *arg, const struct reader_peak *peak), void *arg);
/* Leases that may still be in force for a station whose clock is up to ten minutes behind; what
 * another one has replaced ended with that. */
enum store_rc reader_leases(struct reader *r, int64_t now_ms,
                            bool (*row)(void *arg, const struct store_lease *lease), void *arg);
/* Of all stations and models. */
enum store_rc reader_evidence(struct reader *r,
                              bool (*row)(void *arg, const struct store_evidence *evidence),
                              void *arg);
struct reader_decision_filter {
    const char *station; /* not NULL */
    int32_t connector;   /* 0 = all */
    int64_t until_ms;    /* decided at or before; STORE_ABSENT = now */
    int64_t since_ms;    /* decided at or after; STORE_ABSENT = as long as they are kept */
    int64_t limit;       /* 0 = all */
};
/* What the scheduler decided for a station, newest first; decisions are kept for 90 days.  STORE_OK
 * and no row for a station that is not known. */
enum store_rc reader_decisions(struct reader *r, const struct reader_decision_filter *filter,
                               bool (*row)(void *arg, const struct store_decision *decision),
                               void *arg);
/* Charging profiles that a station took, or may have taken, in an hour. */
struct reader_writes {
    const char *station;
    int32_t connector;
    int64_t hour_ms; /* when it began */
    int32_t n;
};
/* Of all stations, since since_ms, by the scheduler's decisions. */
enum store_rc reader_writes(struct reader *r, int64_t since_ms,
                            bool (*row)(void *arg, const struct reader_writes *writes), void *arg);
struct reader_event_filter {
    const char *station;
    const char *name_prefix; /* "security." */
    int32_t min_severity;
    int64_t after_seq; /* only newer; 0 = the newest `limit` ones, oldest first */
    int64_t limit;
};
enum store_rc reader_events(struct reader *r, const struct reader_event_filter *filter,
                            bool (*row)(void *arg, int64_t seq, const struct store_event *event),
                            void *arg);
/* Tokens of the admin API, by name. */
enum store_rc reader_tokens(struct reader *r,
                            bool (*row)(void *arg, const struct store_token *token), void *arg);
enum store_rc reader_refused(struct reader *r,
                             bool (*row)(void *arg, const struct store_refused *last, int64_t count,
                                         int64_t first_at_ms),
                             void *arg);
enum store_rc reader_station_config(struct reader *r, const char *station,
                                    bool (*row)(void *arg, const struct store_config_key *key,
                                                int64_t at_ms),
                                    void *arg);
/* CDRs of a booking month "2026-10" in order of their number; NULL = all. */
enum store_rc reader_cdrs(struct reader *r, const char *booking_period,
                          bool (*row)(void *arg, const struct store_cdr *cdr), void *arg);
/* CDRs of a month of service, wherever they are booked, in order of their number. */
enum store_rc reader_service_cdrs(struct reader *r, const char *service_period,
                                  bool (*row)(void *arg, const struct store_cdr *cdr), void *arg);

/* --- what operators asked of stations --- */

struct reader_call_filter {
    const char *station, *action; /* NULL = all */
    int32_t outcome;              /* enum store_call_outcome, 0 = all */
    int64_t before_id;            /* only older ones; 0 = from the newest */
    int64_t limit;                /* 0 = all */
};
/* Newest first. */
enum store_rc reader_calls(struct reader *r, const struct reader_call_filter *filter,
                           bool (*row)(void *arg, const struct store_call *call), void *arg);
/* Those that wait for their station, oldest first: what a restart goes on with. */
enum store_rc reader_queued_calls(struct reader *r,
                                  bool (*row)(void *arg, const struct store_call *call), void *arg);

/* --- files --- */

/* In order of number; num 0 = all. */
enum store_rc reader_firmware(struct reader *r, int64_t num,
                              bool (*row)(void *arg, const struct store_firmware *f), void *arg);

struct reader_file_filter {
    const char *station; /* NULL = all */
    int64_t id;          /* 0 = all */
    int64_t before_id;   /* only older ones; 0 = from the newest */
    int64_t limit;       /* 0 = all */
};
/* Newest first. */
enum store_rc reader_file_jobs(struct reader *r, const struct reader_file_filter *filter,
                               bool (*row)(void *arg, const struct store_file_job *job), void *arg);
/* Those that are not over, oldest first: what a restart goes on with. */
enum store_rc reader_open_file_jobs(struct reader *r,
                                    bool (*row)(void *arg, const struct store_file_job *job),
                                    void *arg);
/* Jobs whose upload is kept; file NULL = all. */
enum store_rc reader_kept_files(struct reader *r, const char *file,
                                bool (*row)(void *arg, const struct store_file_job *job),
                                void *arg);
/* Oldest first. */
enum store_rc reader_rollout_jobs(struct reader *r, int64_t rollout,
                                  bool (*row)(void *arg, const struct store_file_job *job),
                                  void *arg);
/* In order of number; num 0 = all. */
enum store_rc reader_rollouts(struct reader *r, int64_t num,
                              bool (*row)(void *arg, const struct store_rollout *rollout),
                              void *arg);
/* In their order. */
enum store_rc reader_rollout_targets(struct reader *r, int64_t rollout,
                                     bool (*row)(void *arg, const struct store_rollout_target *t),
                                     void *arg);
/* The largest numbers so far, 0 if none. */
struct reader_file_max {
    int64_t job, firmware, rollout;
};
enum store_rc reader_file_max(struct reader *r, struct reader_file_max *ret_max);

struct reader_reservation_filter {
    const char *station; /* NULL = all */
    int32_t state;       /* enum store_reservation_state, 0 = all */
    bool live;           /* only requested and active ones */
    int32_t id;          /* 0 = all */
    int64_t before_num;  /* only older ones; 0 = from the newest */
    int64_t limit;       /* 0 = all */
};
/* Newest first. */
enum store_rc reader_reservations(struct reader *r, const struct reader_reservation_filter *filter,
                                  bool (*row)(void *arg,
                                              const struct store_reservation *reservation),
                                  void *arg);
/* The largest numbers so far, 0 if none. */
enum store_rc reader_reservation_max(struct reader *r, int64_t *ret_num, int64_t *ret_id);

/* Caps on grid nodes.  live: those that have not ended, in the order in which they were set; else
 * all, newest first, with ids below before_id (0 = from the newest), limit 0 = all. */
enum store_rc reader_caps(struct reader *r, bool live, int64_t before_id, int64_t limit,
                          bool (*row)(void *arg, const struct store_cap *cap), void *arg);
/* The largest id so far, 0 if none. */
enum store_rc reader_cap_max(struct reader *r, int64_t *ret_id);

/* --- green hours --- */

/* Quarters of [from_ms, until_ms) that are known, in order, of each the newest edition. */
enum store_rc reader_series(struct reader *r, enum store_series kind, int64_t from_ms,
                            int64_t until_ms,
                            bool (*row)(void *arg, const struct store_quarter *quarter), void *arg);
/* Newest first; kind 0 = all, limit 0 = all. */
enum store_rc reader_editions(struct reader *r, int32_t kind, int64_t limit,
                              bool (*row)(void *arg, const struct store_edition *edition),
                              void *arg);
/* Those whose session ended in [from_ms, until_ms). */
enum store_rc reader_green_sessions(struct reader *r, int64_t from_ms, int64_t until_ms,
                                    bool (*row)(void *arg, const struct store_green_session *green),
                                    void *arg);

/* Reported configuration keys that tell what stations can do, of all. */
enum store_rc reader_room_keys(struct reader *r,
                               bool (*row)(void *arg, const char *station, const char *key,
                                           const char *value),
                               void *arg);

/* Of a station, or NULL = of all, in order of station and id. */
enum store_rc reader_profiles(struct reader *r, const char *station,
                              bool (*row)(void *arg, const struct store_profile *profile),
                              void *arg);

/* --- certificates --- */

struct reader_cert_filter {
    const char *station;     /* NULL = all */
    const char *fingerprint; /* or its beginning, lower case; NULL = all */
    int64_t ending_ms;       /* ends before, neither replaced nor revoked; 0 = all */
    bool revoked;            /* only those */
};
/* By the first member that is set, in the order fingerprint, station, ending, revoked. */
enum store_rc reader_certificates(struct reader *r, const struct reader_cert_filter *filter,
                                  bool (*row)(void *arg, const struct store_certificate *cert),
                                  void *arg);
struct reader_cert_request_filter {
    int64_t id;          /* 0 = all */
    bool open;           /* pending, approved, signed: oldest first; else newest first */
    const char *station; /* NULL = all */
    int64_t limit;       /* 0 = all */
};
enum store_rc reader_cert_requests(struct reader *r,
                                   const struct reader_cert_request_filter *filter,
                                   bool (*row)(void *arg, const struct store_cert_request *request),
                                   void *arg);
/* What a station (NULL: each) reported of its own store. */
enum store_rc reader_installed(struct reader *r, const char *station,
                               bool (*row)(void *arg, const struct store_installed *installed),
                               void *arg);

/* --- configuration as wanted, deviations by model --- */

/* Of all stations. */
enum store_rc reader_wishes(struct reader *r,
                            bool (*row)(void *arg, const struct store_key_wish *wish), void *arg);
enum store_rc reader_violations(struct reader *r,
                                bool (*row)(void *arg, const struct store_violation *violation),
                                void *arg);
/* Stations that came unknown and are not accepted yet, the oldest first. */
enum store_rc reader_waiting(struct reader *r,
                             bool (*row)(void *arg, const struct store_waiting *waiting),
                             void *arg);

struct reader_counts {
    int64_t stations, connectors, tags, tariffs, sessions, active, problems, orphans, cdrs, events;
    int32_t schema_version;
};
enum store_rc reader_counts(struct reader *r, struct reader_counts *ret_counts);

/* --- what watches over the stations --- */

struct reader_security_filter {
    const char *station, *type; /* NULL = all */
    bool critical;              /* only those */
    int64_t since_ms;           /* received at or after; STORE_ABSENT = all */
    int64_t before_id;          /* only older ones; 0 = from the newest */
    int64_t limit;              /* 0 = all */
};
/* Newest first. */
enum store_rc reader_security(struct reader *r, const struct reader_security_filter *filter,
                              bool (*row)(void *arg, const struct store_security_event *security),
                              void *arg);
/* By station and type, most recent first; before_id and limit are not looked at. */
enum store_rc reader_security_counts(struct reader *r, const struct reader_security_filter *filter,
                                     bool (*row)(void *arg, const struct store_security_count *c),
                                     void *arg);
/* Of a station, newest first. */
enum store_rc reader_connections(struct reader *r, const char *station,
                                 bool (*row)(void *arg, const struct store_connection *c),
                                 void *arg);
/* Of a station, newest first, from an instant on; at most `limit`. */
enum store_rc reader_station_events(
    struct reader *r, const char *station, int64_t since_ms, int64_t limit,
    bool (*row)(void *arg, int64_t seq, const struct store_event *event), void *arg);

#endif
