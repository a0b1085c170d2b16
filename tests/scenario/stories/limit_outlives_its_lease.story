# A car that goes on with its limit after the end of the lease: the station obeys, but ends no lease.
# It counts with its last limit from then on, though its class says otherwise, and after a restart.
node N1 20
tag A1
tag A2
station CP1 grid=N1 safe=0 rating=16 class=0
station CP2 grid=N1 safe=0 rating=16 class=0
CP1 boots
CP2 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
after 30s
expect point CP1/1 confirmed=16 reserve=16
CP1 answers SetChargingProfile with Rejected
after 16m
expect point CP1/1 reserve=0
CP1 > MeterValues connectorId=1 transactionId=$one 'meterValue=[{"timestamp":"@now","sampledValue":[{"value":"15.9","measurand":"Current.Import","phase":"L1"},{"value":"15.9","measurand":"Current.Import","phase":"L2"},{"value":"15.9","measurand":"Current.Import","phase":"L3"}]}]'
CP1 < {}
after 60s
CP1 > MeterValues connectorId=1 transactionId=$one 'meterValue=[{"timestamp":"@now","sampledValue":[{"value":"15.9","measurand":"Current.Import","phase":"L1"},{"value":"15.9","measurand":"Current.Import","phase":"L2"},{"value":"15.9","measurand":"Current.Import","phase":"L3"}]}]'
CP1 < {}
after 5s
expect event station.outlives-lease
expect event station.demoted
expect no event station.disobeys
expect point CP1/1 class=1 reserve=16
# there is no room for another one
CP2 > StartTransaction connectorId=1 idTag=A2 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 20m
expect point CP2/1 limit=0
server restarts
expect point CP1/1 class=1
