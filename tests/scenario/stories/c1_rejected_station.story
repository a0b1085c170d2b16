# OCPP 1.6 section 4.2: a rejected station hears nothing but the answer to its BootNotification.
station CP1
tag A1
CP1 boots
after 1s
CP1 << GetConfiguration
operator registers CP1 Rejected
CP1 closed 1008
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Rejected interval=60
CP1 > Heartbeat
CP1 < CALLERROR SecurityError
after 60s
operator calls CP1 GetConfiguration
expect outcome refused
operator calls CP1 Reset type=Soft
expect outcome refused
CP1 << no GetConfiguration

# It stays so over a restart, and works again when accepted.
server restarts
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Rejected
operator registers CP1 Accepted
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Accepted
operator calls CP1 Reset type=Soft
CP1 << Reset type=Soft
