/*
 * What the files of the certificate routes share.
 */
#ifndef CMD_NOXD_ROUTE_CERT_H
#define CMD_NOXD_ROUTE_CERT_H

#include "cmd/noxd/cert_desk.h"
#include "cmd/noxd/cert_files.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"

static inline const struct cert_desk_options *cert_options(const struct request *r)
{
    return cert_desk_get(r->admin->options.certs);
}

/* Members of a body: answers 422 when a wanted one is missing or another type. */
bool cert_body_text(struct request *r, const char *name, bool wanted, const char **ret_text);
bool cert_body_int(struct request *r, const char *name, int64_t min, int64_t max, int64_t fallback,
                   int64_t *ret_value);
/* "otto: key was stolen" */
void cert_who_why(const struct request *r, char *ret_text, size_t size);
/* An event of the admin API about certificates, stored and shown. */
void cert_tell(const struct request *r, const char *name, enum store_severity severity,
               const char *station, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* New handshakes follow DIR/pki. @return false after an answer */
bool cert_reload(struct request *r);

#endif
