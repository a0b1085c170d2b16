/*
 * The messages of OCPP 1.6 as structs: struct ocpp_<action>_req and _conf.
 *
 * Members are named like in JSON, in snake case.  Where a value is converted its unit stands in the
 * name: time stamps end in _ms (UTC), decimals in _tenths, meter readings in _wh.  How absence is
 * represented stands at the top of field.h.  Strings and lists belong to the JSON tree or the arena
 * a message was decoded with; for sending they belong to the caller.
 */
#ifndef OCPP_WIRE_MESSAGES_H
#define OCPP_WIRE_MESSAGES_H

#include "ocpp/wire/messages_core.h"
#include "ocpp/wire/messages_firmware.h"
#include "ocpp/wire/messages_local_auth.h"
#include "ocpp/wire/messages_reservation.h"
#include "ocpp/wire/messages_security.h"
#include "ocpp/wire/messages_smart_charging.h"
#include "ocpp/wire/messages_trigger.h"

#endif
