# A station that does not obey is counted at its rating, also after the configuration was touched.
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
expect event station.disobeys
expect point CP1/1 reserve=16
tag A2
after 20s
expect point CP1/1 reserve=16
