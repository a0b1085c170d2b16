/*
 * Sampled values: decimal text to exact integers, defaults and units of OCPP 1.6 section 7.43.
 *
 * No floating point.  A value that is no number stays text; nothing here refuses a message.
 */
#ifndef OCPP_WIRE_DECIMAL_H
#define OCPP_WIRE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "ocpp/wire/messages.h"

/**
 * Read a decimal number: sign, digits, point, exponent; blanks around it are ignored.
 *
 * @param ret_micro  millionths, digits beyond the sixth rounded half away from zero; written only
 *                   on success
 * @return false on empty text, NaN, a decimal comma, trailing text or more than int64 holds
 */
bool ocpp_decimal_micro(const char *text, int64_t *ret_micro);

enum ocpp_quantity_flag {
    OCPP_QUANTITY_NO_NUMBER = 1 << 0,         /* value is no decimal number; value_micro is 0 */
    OCPP_QUANTITY_SIGNED = 1 << 1,            /* format SignedData: opaque, never a number */
    OCPP_QUANTITY_MEASURAND_UNKNOWN = 1 << 2, /* vendor's own: measurand is OCPP_ENUM_UNKNOWN */
    OCPP_QUANTITY_PHASE_SPLIT = 1 << 3,       /* phase was glued to the measurand */
    OCPP_QUANTITY_UNIT_ASSUMED = 1 << 4,      /* no unit given: the measurand's own assumed */
    OCPP_QUANTITY_UNIT_UNKNOWN = 1 << 5,  /* unit not understood: value_micro is not converted */
    OCPP_QUANTITY_UNIT_MISMATCH = 1 << 6, /* unit measures something else than the measurand */
    OCPP_QUANTITY_OVERFLOW = 1 << 7,      /* too large after conversion; value_micro is 0 */
};

/* A sampled value in one unit per kind: Wh, varh, W, VA, var, A, V, Hertz, Celsius, Percent. */
struct ocpp_quantity {
    int32_t measurand;   /* OCPP_MEASURAND_*, defaults filled; OCPP_ENUM_UNKNOWN for others */
    int32_t phase;       /* OCPP_PHASE_*, 0 = the total */
    int32_t context;     /* OCPP_CONTEXT_*, default Sample.Periodic; OCPP_ENUM_UNKNOWN */
    int32_t format;      /* OCPP_FORMAT_* */
    int32_t location;    /* OCPP_LOCATION_*, default Outlet; OCPP_ENUM_UNKNOWN */
    int32_t unit;        /* OCPP_UNIT_* of value_micro; 0 = plain number or not known */
    int64_t value_micro; /* millionths of the unit, e.g. micro-Wh */
    unsigned flags;      /* OCPP_QUANTITY_* */
};

/**
 * Fill in the defaults of OCPP and convert to the base unit.
 *
 * @param ret_quantity  always written
 * @return true if value_micro is a number in the unit of the measurand, false if only the original
 *         text is of use (see flags)
 */
bool ocpp_sampled_normalize(const struct ocpp_sampled_value *sampled,
                            struct ocpp_quantity *ret_quantity);

#endif
