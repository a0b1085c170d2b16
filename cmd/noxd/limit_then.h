/*
 * Why had this lamp its limit then: from what was decided, answered and recorded.
 *
 * For a worker.  The grid and the stations are those of now: what they were then is not kept; the
 * decisions, their answers, the sessions and the caps are those of then.
 */
#ifndef CMD_NOXD_LIMIT_THEN_H
#define CMD_NOXD_LIMIT_THEN_H

#include "ocpp/wire/text.h"
#include "storage/reader.h"

/* One decision as members of an open object. */
void limit_put_decision(const struct store_decision *d, struct ocpp_text *out);

/**
 * Append the explanation as members of an open object.
 *
 * @param connector  0 = the one with a session then, else the first
 * @return STORE_MISSING with one sentence: no such station or connector
 */
enum store_rc limit_then(struct reader *db, const char *station, int32_t connector, int64_t at_ms,
                         struct ocpp_text *out, char *ret_text, size_t size);

#endif
