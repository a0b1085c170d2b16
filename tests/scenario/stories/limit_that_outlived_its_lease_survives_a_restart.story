# CP1 goes on with 16 A after the end of its lease.  It counts without end from then on, also for a server that
# dies before the next limit is written.
node N1 20
tag A1
station CP1 grid=N1 safe=0 rating=16
station CP2 grid=N1 safe=0 rating=16
CP1 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
after 30s
expect point CP1/1 confirmed=16
CP1 drops
after 40m
expect point CP1/1 reserve=0
CP1 answers SetChargingProfile with nothing
operator limits N1 5
CP1 connects
CP1 > MeterValues connectorId=1 transactionId=$one meterValue=[{"timestamp":"@now","sampledValue":[{"value":"16","measurand":"Current.Import","phase":"L1"},{"value":"16","measurand":"Current.Import","phase":"L2"},{"value":"16","measurand":"Current.Import","phase":"L3"}]}]
after 20s
CP1 > MeterValues connectorId=1 transactionId=$one meterValue=[{"timestamp":"@now","sampledValue":[{"value":"16","measurand":"Current.Import","phase":"L1"},{"value":"16","measurand":"Current.Import","phase":"L2"},{"value":"16","measurand":"Current.Import","phase":"L3"}]}]
after 10ms
expect event station.demoted
expect point CP1/1 reserve=16 class=1
server restarts
expect point CP1/1 reserve=16 class=1
after 40m
expect point CP1/1 reserve=16 class=1
