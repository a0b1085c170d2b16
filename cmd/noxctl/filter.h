/*
 * Choosing items of a list by flags.
 */
#ifndef CMD_NOXCTL_FILTER_H
#define CMD_NOXCTL_FILTER_H

#include "cmd/noxctl/ctl.h"

/** Remove from `items` of an answer what is not wanted. */
void filter_items(const struct ctl *ctl, json_t *answer,
                  bool (*is_wanted)(const struct ctl *ctl, const json_t *item));

/** @return true if the flag is not given, or the member is this text */
bool filter_text(const struct ctl *ctl, const char *flag, const json_t *item, const char *member);

/**
 * Does any item have the text that a flag asks for?  To be asked before filter_items().
 *
 * @param what  "grid node", as people call it; where: the command that lists them
 * @return CTL_OK, or CTL_NOT_FOUND after a complaint
 */
enum ctl_exit filter_known(const struct ctl *ctl, const char *flag, const json_t *answer,
                           const char *member, const char *what, const char *where);

/** --grid and --district of a list of stations or connectors name what exists (else as above). */
enum ctl_exit filter_places(const struct ctl *ctl, const json_t *answer);

/** Appends "?name=value" or "&name=value", percent-encoded. */
struct ocpp_text;
void filter_query(struct ocpp_text *path, const char *name, const char *value);

/** @return true for "2026-10"; complains if it is none */
bool filter_month(const char *text);

#endif
