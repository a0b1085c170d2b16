/* Certificates, requests for them, roots in stations. */
#include <string.h>

#include "storage/reader_state.h"

/* --- certificates --- */

struct certificate_walk {
    bool (*row)(void *arg, const struct store_certificate *cert);
    void *arg;
};

static bool take_certificate(sqlite3_stmt *q, void *arg)
{
    struct certificate_walk *w = arg;
    struct store_certificate cert = {
        .fingerprint = column_text(q, 0),
        .kind = column_i32(q, 1),
        .station = column_text(q, 2),
        .subject = column_text(q, 3),
        .issuer = column_text(q, 4),
        .cn = column_text(q, 5),
        .serial = column_text(q, 6),
        .key = column_text(q, 7),
        .not_before_ms = column_i64(q, 8),
        .not_after_ms = column_i64(q, 9),
        .pem = column_text(q, 10),
        .request = column_i64(q, 11),
        .added_at_ms = column_i64(q, 12),
        .seen_at_ms = column_int(q, 13),
        .replaced_at_ms = column_int(q, 14),
        .revoked_at_ms = column_int(q, 15),
        .note = column_text(q, 16),
        .warned_days = column_i32(q, 17),
    };
    return w->row(w->arg, &cert);
}

enum store_rc reader_certificates(struct reader *r, const struct reader_cert_filter *filter,
                                  bool (*row)(void *arg, const struct store_certificate *cert),
                                  void *arg)
{
    sqlite3_stmt *q;
    struct certificate_walk w = { .row = row, .arg = arg };
    enum query which = filter->fingerprint != NULL ? QUERY_CERTIFICATE
                       : filter->station != NULL   ? QUERY_CERTIFICATES_OF_STATION
                       : filter->ending_ms != 0    ? QUERY_CERTIFICATES_ENDING
                       : filter->revoked           ? QUERY_CERTIFICATES_REVOKED
                                                   : QUERY_CERTIFICATES;
    enum store_rc rc = reader_ask(r, which, &q);
    if (rc != STORE_OK)
        return rc;
    if (which == QUERY_CERTIFICATE)
        bind_text(q, 1, filter->fingerprint);
    else if (which == QUERY_CERTIFICATES_OF_STATION)
        bind_text(q, 1, filter->station);
    else if (which == QUERY_CERTIFICATES_ENDING)
        bind_int(q, 1, filter->ending_ms);
    return reader_walk(q, take_certificate, &w);
}

struct cert_request_walk {
    bool (*row)(void *arg, const struct store_cert_request *request);
    void *arg;
};

static bool take_cert_request(sqlite3_stmt *q, void *arg)
{
    struct cert_request_walk *w = arg;
    struct store_cert_request request = {
        .id = column_i64(q, 0),
        .station = column_text(q, 1),
        .csr = column_text(q, 2),
        .subject = column_text(q, 3),
        .cn = column_text(q, 4),
        .key = column_text(q, 5),
        .state = column_i32(q, 6),
        .renewal = column_i32(q, 7) != 0,
        .asked_at_ms = column_i64(q, 8),
        .changed_at_ms = column_i64(q, 9),
        .who = column_text(q, 10),
        .why = column_text(q, 11),
        .note = column_text(q, 12),
        .chain = column_text(q, 13),
        .fingerprint = column_text(q, 14),
    };
    return w->row(w->arg, &request);
}

enum store_rc reader_cert_requests(struct reader *r,
                                   const struct reader_cert_request_filter *filter,
                                   bool (*row)(void *arg, const struct store_cert_request *request),
                                   void *arg)
{
    sqlite3_stmt *q;
    struct cert_request_walk w = { .row = row, .arg = arg };
    enum query which = filter->id != 0           ? QUERY_CERT_REQUEST
                       : filter->open            ? QUERY_CERT_REQUESTS_OPEN
                       : filter->station != NULL ? QUERY_CERT_REQUESTS_OF_STATION
                                                 : QUERY_CERT_REQUESTS;
    enum store_rc rc = reader_ask(r, which, &q);
    if (rc != STORE_OK)
        return rc;
    if (which == QUERY_CERT_REQUEST)
        bind_int(q, 1, filter->id);
    else if (which != QUERY_CERT_REQUESTS_OPEN)
        bind_int(q, 1, filter->limit > 0 ? filter->limit : READER_ALL);
    if (which == QUERY_CERT_REQUESTS_OF_STATION)
        bind_text(q, 2, filter->station);
    return reader_walk(q, take_cert_request, &w);
}

struct installed_walk {
    bool (*row)(void *arg, const struct store_installed *installed);
    void *arg;
};

static bool take_installed(sqlite3_stmt *q, void *arg)
{
    struct installed_walk *w = arg;
    struct store_installed installed = {
        .station = column_text(q, 0),
        .type = column_text(q, 1),
        .hash = column_text(q, 2),
        .issuer_name_hash = column_text(q, 3),
        .issuer_key_hash = column_text(q, 4),
        .serial = column_text(q, 5),
        .at_ms = column_i64(q, 6),
    };
    return w->row(w->arg, &installed);
}

enum store_rc reader_installed(struct reader *r, const char *station,
                               bool (*row)(void *arg, const struct store_installed *installed),
                               void *arg)
{
    sqlite3_stmt *q;
    struct installed_walk w = { .row = row, .arg = arg };
    enum store_rc rc =
        reader_ask(r, station != NULL ? QUERY_INSTALLED_OF_STATION : QUERY_INSTALLED, &q);
    if (rc != STORE_OK)
        return rc;
    if (station != NULL)
        bind_text(q, 1, station);
    return reader_walk(q, take_installed, &w);
}
