/*
 * OCPP requests to stations: checked against the catalogue here, sent by noxd, judged by what the
 * station says.
 */
#ifndef CMD_NOXCTL_CALL_H
#define CMD_NOXCTL_CALL_H

#include "cmd/noxctl/targets.h"

/** Exit code for the `status` of an answer's payload; CTL_OK if it has none. */
enum ctl_exit call_verdict(const json_t *payload);

/**
 * Complain when noxd must not or need not send this.
 *
 * @param payload  lent
 */
enum ctl_exit call_check(const char *action, json_t *payload);

/** Body of POST /v1/stations/{id}/calls.  @param payload  lent  @return owned by the caller */
json_t *call_body(const struct ctl *ctl, const char *action, json_t *payload, bool check);

/** Work that sends a request; the item gets `payload` and, as `result`, its status. */
struct target_work call_work(void);

/**
 * Send one request to all targets.
 *
 * @param payload  owned from now on
 * @param show     prints the item for people when one station is named; NULL = a line
 */
enum ctl_exit call_targets(struct ctl *ctl, size_t n_names, const char *action, json_t *payload,
                           enum ctl_exit (*show)(const struct ctl *ctl, const json_t *item));

#endif
