# Nobody is trusted with the end of a lease before it showed one; what it showed outlives a restart,
# and counts for others of its make; another firmware begins anew.
node N1 30
tag A1
station CP1 grid=N1 safe=0 rating=16 class=4
station CP2 grid=N1 safe=0 rating=16 class=4
CP1 boots
CP2 boots
after 20s
expect point CP1/1 class=1
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp firmwareVersion=7
CP1 < status=Accepted
CP2 > BootNotification chargePointVendor=NOX chargePointModel=Lamp firmwareVersion=7
CP2 < status=Accepted
CP1 answers GetCompositeSchedule with '{"status":"Accepted","connectorId":1,"scheduleStart":"@now","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":15},{"startPeriod":900,"limit":0}]}}'
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 30s
CP1 << GetCompositeSchedule connectorId=1
expect point CP1/1 class=0
expect point CP2/1 class=0
expect event station.leasing
# the next lease is written with its end
after 12m
server restarts
expect point CP1/1 class=0
expect point CP2/1 class=0
# CP1 stays away: its lease ends
after 20m
expect point CP1/1 reserve=0
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp firmwareVersion=8
expect point CP1/1 class=1
