# A lamp on a shared cable that was Pending is balanced from the moment it is accepted, on the same socket.
node N1 32
station CP1 grid=N1 safe=6
tag A1
operator registers CP1 Pending
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Pending
after 10s
CP1 << no SetChargingProfile
expect point CP1/1 up=0
operator registers CP1 Accepted
CP1 << TriggerMessage requestedMessage=BootNotification
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Accepted
after 5s
expect point CP1/1 up=1
CP1 << SetChargingProfile
