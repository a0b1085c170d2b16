# What the memory bears in 24 hours is no matter of when the server began; from half of it on leases are renewed late.
quirks [{"id":"worn","match":{"model":"Lamp"},"set":{"max_profile_writes_per_day":3}}]
node N1 30
tag A1
station CP1 grid=N1 safe=0 rating=32
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Accepted
after 20s
CP1 << SetChargingProfile
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
after 20s
CP1 << SetChargingProfile
after 12m
CP1 << no SetChargingProfile
after 2m
CP1 << SetChargingProfile
expect no event station.writes
server restarts
quirks [{"id":"worn","match":{"model":"Lamp"},"set":{"max_profile_writes_per_day":3}}]
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Accepted
after 30s
expect event station.writes
