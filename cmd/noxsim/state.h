/*
 * What outlasts a run of the street: the registers of its meters, as CSV
 * `station,connector,register_wh`, and beside it in FILE.lists/ the local authorization list of
 * each station that has one.
 */
#ifndef CMD_NOXSIM_STATE_H
#define CMD_NOXSIM_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/noxsim/point.h"
#include "cmd/noxsim/site.h"

/**
 * Set the meters of the points, which have not begun yet; one that the file does not name stays at
 * 0.
 *
 * @param point     one for each station of the site, in its order
 * @param ret_text  one sentence on failure
 * @return true also when there is no such file
 */
bool state_read(const char *path, const struct site *site, struct point *const *point,
                char *ret_text, size_t size);

/** Write all meters; the file is replaced at once or stays as it was. */
bool state_write(const char *path, const struct site *site, struct point *const *point,
                 char *ret_text, size_t size);

#endif
