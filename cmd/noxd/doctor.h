/*
 * What is wrong with a station, in plain words, worst first, each with the next command to type.
 *
 * Pure: facts go in, findings come out.  route_doctor.c gathers the facts.
 */
#ifndef CMD_NOXD_DOCTOR_H
#define CMD_NOXD_DOCTOR_H

#include "cmd/noxd/alarms.h"
#include "ocpp/central/central.h"
#include "ocpp/server/ws_server.h"

enum {
    DOCTOR_REFUSED_MAX = 200,
    DOCTOR_FINDINGS_MAX = 40,
    DOCTOR_TIMES_MAX = 16,
    DOCTOR_CONNECTORS_MAX = 16,
};

/* Copies: they outlive the reader. */
struct doctor_refused {
    char identity[200], reason[32], detail[400], address[48];
    int64_t count, first_at_ms, last_at_ms;
};
struct doctor_connection {
    char address[48], transport[80], reason[200];
    int64_t opened_at_ms, closed_at_ms; /* STORE_ABSENT: open */
    int32_t code;
};
struct doctor_connector {
    int32_t number;
    char status[32], error_code[32], info[64];
};

struct doctor_facts {
    int64_t now_ms;
    const char *id;
    bool known;       /* it is in the configuration */
    const char *like; /* a station whose id is similar, NULL; when it is not known */
    const char *url;  /* where stations connect to, NULL = no listener */
    struct central_station_view station; /* when known */
    bool balanced;                       /* it hangs on a grid node */
    bool has_link;
    struct ws_link_info link; /* when it is online */
    bool pinged;
    int64_t rtt_us; /* -1: no answer */
    const struct doctor_connector *connector;
    size_t n_connectors;
    /* of the database */
    const struct doctor_refused *refused; /* all, most recent first */
    size_t n_refused;
    const struct doctor_connection *connection; /* newest first */
    size_t n_connections;
    int64_t boots_24h, timeouts_24h, errors_24h, violations_24h;
    int64_t open_calls, reservations, security_24h;
    int64_t drift, reboots; /* configuration keys: not as wanted; in force after a reboot */
    char first_drift[120];
    char list_state[24], list_unable[120]; /* local authorization list; "" = none */
    char file_job[160];                    /* firmware, diagnostics or log under way; "" = none */
    char last_security[64], security_meaning[120]; /* of those that are not daily work */
    /* */
    const struct alarms *alarms; /* of all */
};

enum doctor_severity { DOCTOR_NOTE = 1, DOCTOR_WARNING, DOCTOR_BAD };

struct doctor_finding {
    enum doctor_severity severity;
    const char *code;          /* stable word: "never-connected" */
    char text[500], next[240]; /* next: a command, "" = none */
};
struct doctor_findings {
    struct doctor_finding item[DOCTOR_FINDINGS_MAX];
    size_t n;
};

/** Judge one station; worst first, else in the order of the causes. */
void doctor_judge(const struct doctor_facts *facts, struct doctor_findings *ret_findings);

/** Could this be the same name, mistyped?  Other case, other separators, or few other signs. */
bool doctor_is_similar(const char *a, const char *b);

void doctor_add(struct doctor_findings *f, enum doctor_severity severity, const char *code,
                const char *next, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Worst first; what was added first stays first among equals. */
void doctor_sort(struct doctor_findings *f);
const char *doctor_severity_text(enum doctor_severity severity);

#endif
