/*
 * The admin API over https: listeners whose requests need a token (tokens.h).
 *
 * Like the Unix socket (admin.c) it gives bytes to link.h and takes bytes from it.  The certificate
 * is that of the station listeners; clients show none.
 */
#ifndef CMD_NOXD_WEB_H
#define CMD_NOXD_WEB_H

#include "cmd/noxd/admin_state.h"

struct tls_paths;

/**
 * Listen, on every address of the options.
 * @return NULL with one sentence when one of them cannot be opened
 */
struct web *web_new(struct admin *a, const struct admin_web *options, char *ret_text, size_t size);
/* When the loop has ended or is going to. */
void web_free(struct web *web);
/** Where they listen: "https://127.0.0.1:9443", NULL behind the last. */
const char *web_url(const struct web *web, size_t i);
/* Read the certificates again. @return false with one sentence: the old ones stay in use */
bool web_reload(struct web *web, char *ret_text, size_t size);

#endif
