# A profile that can never be sent is told of, and the station counts at its rating.
quirks [{"id":"small","match":{"model":"Lamp"},"set":{"max_message_bytes":200}}]
node N1 30
tag A1
station CP1 grid=N1 safe=0 rating=16
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Accepted
after 2m
CP1 << no SetChargingProfile
expect event profile.too-long
expect point CP1/1 reserve=16
