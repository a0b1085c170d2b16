/*
 * What a driver tells of a session: when the car leaves, how much it needs.
 */
#ifndef CMD_NOXCTL_NEED_H
#define CMD_NOXCTL_NEED_H

#include "cmd/noxctl/ctl.h"
#include "cmd/noxctl/instant.h"

/* Flags of commands that take a need. */
#define NEED_FLAGS                                                                          \
    { "depart", "TIME", 0, "when the car leaves: " INSTANT_NEXT_HELP },                     \
        { "energy", "KWH", 0, "what the whole session needs: 20, 20.5kWh, 800Wh" },         \
        { "min-amps", "A", 0, "the car does not charge with less (6 to the rating)" },      \
    {                                                                                       \
        "priority", "N", 0, "0 to 9; a larger one is served first (default: the station's)" \
    }

/** Members of the flags that were given into `body`. @return false after a complaint */
bool need_take(const struct ctl *ctl, json_t *body);

/** Tell noxd (body NULL: take it back), and people what it says.  target: a session or a station */
enum ctl_exit need_tell(struct ctl *ctl, const char *target, const json_t *body);

/** The command `session need`. */
enum ctl_exit run_session_need(struct ctl *ctl);

#endif
