/*
 * The same question about several stations: who is meant, the confirmation, all at once, one line
 * for each, one exit code.
 */
#ifndef CMD_NOXCTL_TARGETS_H
#define CMD_NOXCTL_TARGETS_H

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/table.h"

/** @return true if --all, --grid or --district is given */
bool targets_selected(const struct ctl *ctl);

/**
 * How many arguments name stations, when the last `n_others` arguments do not.
 *
 * @return CTL_USAGE after a complaint when both names and --all or the like are given
 */
enum ctl_exit targets_count(const struct ctl *ctl, size_t n_others, size_t *ret_n_names);

/** Names of the stations that are meant, into a list of texts; asks for --yes where it is needed.
 */
enum ctl_exit targets_names(struct ctl *ctl, size_t n_names, json_t *names);

struct target_work {
    const char *method;
    const char *path;   /* "/v1/stations/%s/key"; %s = the station */
    const json_t *body; /* lent; NULL = none, unless make_body is set */
    int64_t spare_ms;   /* added to the timeout, for noxd's own answer to come first */

    /* Body for one station; NULL after filling ret_trouble's exit and message, or, with exit
     * CTL_OK, its code: then nothing is sent and the code is the result.  May be NULL. */
    json_t *(*make_body)(void *arg, const char *station, struct client_answer *ret_trouble);
    void *arg;

    /* Puts what the answer says into the item ("result", "message" when there is trouble, and
     * more) and judges it. */
    enum ctl_exit (*judge)(const json_t *answer, json_t *item);

    const char *line;   /* member of the item that stands beside the station's name */
    const char *single; /* -o json with one named station prints this member; NULL = the item */
    const struct table *table; /* columns of -o csv */
    /* Prints the item of one named station for people; NULL = the line. */
    enum ctl_exit (*show)(const struct ctl *ctl, const json_t *item);
};

/**
 * Ask about the stations named by the first n_names arguments, or selected by flags.
 *
 * An item has `station`, `exit` (as of contract), `result` and `message` (null when all is well).
 * @return the exit code of the only station; of several CTL_OK or CTL_PARTIAL
 */
enum ctl_exit targets_run(struct ctl *ctl, size_t n_names, const struct target_work *work);

#endif
