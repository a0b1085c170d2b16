station CP1 strict=1
CP1 connects
CP1 > BootNotification chargePointVendor=NOX
CP1 < CALLERROR OccurenceConstraintViolation
CP1 > BootNotification chargePointVendor=NOX chargePointModel="A model name that is far too long"
CP1 < CALLERROR PropertyConstraintViolation
CP1 > BootNotification chargePointVendor=NOX chargePointModel=7
CP1 < CALLERROR TypeConstraintViolation
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Accepted
