/*
 * A job of the writer: one block of memory that holds what to do, a deep copy of its data, whom to
 * tell, and later what came out.
 */
#ifndef STORAGE_JOB_H
#define STORAGE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/store.h"

struct store_conn;

enum job_kind {
    JOB_APPLY,
    JOB_STATION_REMOVE,
    JOB_TAG_REMOVE,
    JOB_STATION_KEY,
    JOB_SECURITY,
    JOB_REGISTRATION,
    JOB_PROVISION,
    JOB_BOOT,
    JOB_STATUS,
    JOB_TX_START,
    JOB_TX_STOP,
    JOB_METER,
    JOB_EVENT,
    JOB_REFUSED,
    JOB_CONFIG,
    JOB_LEASE,
    JOB_LEASE_OUTCOME,
    JOB_LIFE_RENEW,
    JOB_DECISION,
    JOB_EVIDENCE,
    JOB_STATION_CLASS,
    JOB_TX_PHASES,
    JOB_NEED,
    JOB_NEED_CLEAR,
    JOB_POINT,
    JOB_CLOSE_STALE,
    JOB_TX_CLOSE,
    JOB_EXPORT,
    /* what operators ask of stations */
    JOB_CALL_ASKED,
    JOB_CALL_BEGUN,
    JOB_CALL_ENDED,
    JOB_CALLS_LOST,
    JOB_RESERVATION,
    JOB_CAP,
    /* green hours */
    JOB_SERIES,
    JOB_GREEN,
    JOB_PROFILE,
    JOB_PROFILE_FORGET,
    /* local authorization lists */
    JOB_LOCAL_LIST,
    /* certificates */
    JOB_CERT_REQUEST,
    JOB_CERT_CHANGE,
    JOB_CERT_SIGNED,
    JOB_CERTIFICATE,
    JOB_CERT_SEEN,
    JOB_CERT_REVOKE,
    JOB_CERT_WARNED,
    JOB_CERT_INSTALLED,
    /* watch.c */
    JOB_SECURITY_EVENT,
    JOB_CONNECTION_OPENED,
    JOB_CONNECTION_CLOSED,
    JOB_CONNECTIONS_LOST,
    JOB_REFUSED_CLEAR,
    /* token.c */
    JOB_TOKEN,
    JOB_TOKEN_REMOVE,
    /* configuration as wanted, deviations by model */
    JOB_TEMPLATE_REMOVE,
    JOB_WISHES,
    JOB_VIOLATIONS,
    /* files */
    JOB_FIRMWARE,
    JOB_FILE_JOB,
    JOB_FILE_FORGET,
    JOB_ROLLOUT,
};

struct job {
    struct job *next;
    enum job_kind kind;
    struct store_done done;
    enum store_rc rc;
    union store_result result;
    char *result_memory; /* owned by the result, freed with the job */
    const char *text[3];
    union {
        int64_t number[4];
        struct {
            struct store_site site;
            bool dry_run;
        } apply;
        struct {
            uint8_t salt[16], hash[32];
        } key;
        struct {
            enum store_security step;
            int32_t profile;
            uint8_t salt[16], hash[32];
        } security;
        struct store_boot boot;
        struct store_status status;
        struct store_tx_start start;
        struct store_tx_stop stop;
        struct store_event event;
        struct store_refused refused;
        struct store_security_event security_event;
        struct store_connection connection;
        struct store_token token;
        struct store_lease lease;
        struct store_lease_outcome outcome;
        struct store_decision decision;
        struct store_evidence evidence;
        struct store_need need;
        struct store_call call;
        struct store_reservation reservation;
        struct store_cap cap;
        struct {
            struct store_edition edition;
            const struct store_quarter *quarter;
            size_t n;
        } series;
        struct store_green_session green;
        struct store_profile profile;
        struct store_profile_filter forget;
        struct store_local_list local_list;
        struct store_cert_request cert_request;
        struct {
            struct store_certificate row;
            int64_t at_ms;
        } cert;
        struct {
            const struct store_installed *list;
            size_t n;
            int64_t at_ms;
        } installed;
        /* files */
        struct store_firmware firmware;
        struct store_file_job file_job;
        struct {
            struct store_rollout row;
            const struct store_rollout_target *target;
            size_t n;
        } rollout;
        struct {
            const struct store_key_wish *wish;
            size_t n;
        } wishes;
        struct {
            const struct store_violation *list;
            size_t n;
        } violations;
        struct {
            const struct store_meter *row;
            size_t n;
        } meter;
        struct {
            const struct store_config_key *key;
            size_t n;
            int64_t at_ms;
        } config;
    } u;
};

/* A copy on the heap with all that `plan` lends; NULL when out of memory. */
struct job *job_copy(const struct job *plan);
void job_free(struct job *job);
/* Writer's thread, within a transaction.  Sets result; may be run again after a rollback. */
enum store_rc job_run(struct store_conn *db, struct job *job, int64_t now_ms);
/* Apply that only looks: to be run in a savepoint that is rolled back. */
bool job_is_dry_run(const struct job *job);

/* store.c: put a copy of `plan` into the queue; false when nothing was taken. */
bool store_submit(struct store *s, const struct job *plan, struct store_done done);

#endif
