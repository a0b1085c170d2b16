/* The SQL of the read side, one row per question; for reader.c and the test of its query plans. */
#ifndef STORAGE_QUERIES_H
#define STORAGE_QUERIES_H

enum query {
    QUERY_GRID,
    QUERY_STATIONS,
    QUERY_CONNECTORS,
    QUERY_TAGS,
    QUERY_TAG,
    QUERY_TAGS_FROM,
    QUERY_TAGS_GONE,
    QUERY_TAG_STATE,
    QUERY_LOCAL_LISTS,
    QUERY_TARIFFS,
    QUERY_FACTORS,
    QUERY_SESSIONS, /* conditions and order are appended, see below */
    QUERY_SESSION,
    QUERY_ORPHANS,
    QUERY_METER_SPAN,
    QUERY_METER_OF_SESSION,
    QUERY_METER_ALL,
    QUERY_METER_PEAKS,
    QUERY_LEASES,
    QUERY_DECISIONS,
    QUERY_WRITES,
    QUERY_EVIDENCE,
    QUERY_EVENTS_AFTER,
    QUERY_EVENTS_NEWEST,
    QUERY_REFUSED,
    QUERY_TOKENS,
    QUERY_CONFIG,
    QUERY_CDRS_ALL,
    QUERY_CDRS_BOOKED,
    QUERY_CDRS_OF_SERVICE,
    QUERY_COUNTS,
    QUERY_CALLS,
    QUERY_CALLS_OF_STATION,
    QUERY_CALLS_QUEUED,
    QUERY_RESERVATIONS,
    QUERY_RESERVATIONS_LIVE,
    QUERY_RESERVATIONS_OF_STATION,
    QUERY_RESERVATION_MAX,
    QUERY_SERIES,
    QUERY_EDITIONS,
    QUERY_GREEN_SESSIONS,
    QUERY_CAPS,
    QUERY_CAPS_LIVE,
    QUERY_CAP_MAX,
    QUERY_ROOM_KEYS,
    QUERY_PROFILES,
    QUERY_PROFILES_OF_STATION,
    QUERY_CERT_REQUESTS,
    QUERY_CERT_REQUESTS_OF_STATION,
    QUERY_CERT_REQUESTS_OPEN,
    QUERY_CERT_REQUEST,
    QUERY_CERTIFICATES,
    QUERY_CERTIFICATES_OF_STATION,
    QUERY_CERTIFICATES_ENDING,
    QUERY_CERTIFICATES_REVOKED,
    QUERY_CERTIFICATE,
    QUERY_INSTALLED,
    QUERY_INSTALLED_OF_STATION,
    QUERY_SECURITY,
    QUERY_SECURITY_OF_STATION,
    QUERY_SECURITY_COUNTS,
    QUERY_CONNECTIONS,
    QUERY_EVENTS_OF_STATION,
    QUERY_TEMPLATES,
    QUERY_WISHES,
    QUERY_VIOLATIONS,
    QUERY_WAITING,
    /* files */
    QUERY_FIRMWARE,
    QUERY_FILE_JOBS,
    QUERY_FILE_JOBS_OF_STATION,
    QUERY_FILE_JOBS_OPEN,
    QUERY_FILE_JOBS_KEPT,
    QUERY_FILE_JOBS_OF_ROLLOUT,
    QUERY_ROLLOUTS,
    QUERY_ROLLOUT_TARGETS,
    QUERY_FILE_MAX,
    QUERY_COUNT /* one more than the last */
};

extern const char *const query_sql[QUERY_COUNT];

/* What a filter adds to QUERY_SESSIONS; parameter numbers are fixed. */
enum session_condition {
    WITH_STATION, /* ?1 id */
    WITH_TAG,     /* ?2 key */
    WITH_ACTIVE,  /* the three states, by an index if there is one */
    WITH_FINISHED,
    WITH_PROVISIONAL,
    WITH_PROBLEMS,   /* */
    WITH_FROM,       /* ?3 */
    WITH_TO,         /* ?4 */
    WITH_BEFORE,     /* ?5 tx_id */
    WITH_CONDITIONS, /* one more than the last */
};
extern const char *const session_condition_sql[WITH_CONDITIONS];
extern const char session_order_by_time_sql[]; /* with WITH_FROM or WITH_TO */
extern const char session_order_sql[];         /* ?6 limit, -1 = all */

#endif
