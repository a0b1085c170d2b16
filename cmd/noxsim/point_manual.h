/*
 * A charge point by hand, for console.c: what drivers and accidents do in a street by chance.
 */
#ifndef CMD_NOXSIM_POINT_MANUAL_H
#define CMD_NOXSIM_POINT_MANUAL_H

#include <stdbool.h>
#include <stdint.h>

struct point;

/* The first BootNotification was answered. */
bool point_is_known(const struct point *point);

/* All of them: false when that is not possible now. */
bool point_plug(struct point *point, int32_t connector);
bool point_unplug(struct point *point, int32_t connector);
/** @param tag  lent for life of the point */
bool point_tap(struct point *point, int32_t connector, const char *tag);
/** @param code  OCPP_ERROR_CODE_* */
bool point_fault(struct point *point, int32_t connector, int32_t code);

void point_offline(struct point *point, int64_t for_ms);
void point_reboot(struct point *point);
/** Any request. @param action  lent for life @param payload  JSON of an object, taken over */
void point_send_raw(struct point *point, const char *action, char *payload);

#endif
