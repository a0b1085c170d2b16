# A car on one phase; then the wiring of its lamp is corrected: the phase that was learnt was that of the wrong
# wiring, so all count until it is seen again.
node N1 40
tag A1
station CP1 grid=N1 safe=0 rating=16
CP1 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
after 2m
CP1 > MeterValues connectorId=1 transactionId=$one meterValue=[{"timestamp":"@now","sampledValue":[{"value":"16","measurand":"Current.Import","phase":"L1"},{"value":"0","measurand":"Current.Import","phase":"L2"},{"value":"0","measurand":"Current.Import","phase":"L3"}]}]
after 2m
CP1 > MeterValues connectorId=1 transactionId=$one meterValue=[{"timestamp":"@now","sampledValue":[{"value":"16","measurand":"Current.Import","phase":"L1"},{"value":"0","measurand":"Current.Import","phase":"L2"},{"value":"0","measurand":"Current.Import","phase":"L3"}]}]
after 2s
expect point CP1/1 phases=1
station CP1 grid=N1 safe=0 rating=16 wiring=STR
after 2s
expect point CP1/1 phases=7
server restarts
expect point CP1/1 phases=7
