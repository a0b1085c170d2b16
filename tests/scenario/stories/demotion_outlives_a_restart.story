# A station that draws more than it may is counted at its rating, whatever its class says, also after a
# restart; another firmware begins anew.
tag A1
node N1 20
station CP1 grid=N1 safe=6 rating=16
station CP2 grid=N1 safe=6 rating=16
CP1 boots
CP2 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$a
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$b
after 5m
CP1 > MeterValues connectorId=1 transactionId=$a meterValue=[{"timestamp":"@now","sampledValue":[{"value":"16","measurand":"Current.Import","phase":"L1"},{"value":"16","measurand":"Current.Import","phase":"L2"},{"value":"16","measurand":"Current.Import","phase":"L3"}]}]
after 1m
CP1 > MeterValues connectorId=1 transactionId=$a meterValue=[{"timestamp":"@now","sampledValue":[{"value":"16","measurand":"Current.Import","phase":"L1"},{"value":"16","measurand":"Current.Import","phase":"L2"},{"value":"16","measurand":"Current.Import","phase":"L3"}]}]
after 5s
expect event station.demoted
expect point CP1/1 reserve=16 class=2
server restarts
expect point CP1/1 reserve=16 class=2
CP1 connects
after 20s
expect point CP1/1 reserve=16 class=2
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp firmwareVersion=9
expect point CP1/1 class=0
