# A driver told when it leaves: it waits for the hour of less CO2; a cap that takes that hour away is heard, and it charges at once.
# The story begins on a Monday at 16:13 local time.
node N1 32 green=co2
tag A1
station CP1 grid=N1 safe=0 rating=16
series co2 400 400 400 100 100 400 400 400
CP1 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
after 30s
need $tx depart=7h wh=8000
after 30s
# nobody waits before its car was seen charging
expect point CP1/1 confirmed=16 waits=0
CP1 > MeterValues connectorId=1 transactionId=$tx meterValue=[{"timestamp":"@now","sampledValue":[{"value":"100","measurand":"Energy.Active.Import.Register"},{"value":"16","measurand":"Current.Import","phase":"L1"},{"value":"16","measurand":"Current.Import","phase":"L2"},{"value":"16","measurand":"Current.Import","phase":"L3"}]}]
after 90s
CP1 > MeterValues connectorId=1 transactionId=$tx meterValue=[{"timestamp":"@now","sampledValue":[{"value":"400","measurand":"Energy.Active.Import.Register"},{"value":"16","measurand":"Current.Import","phase":"L1"},{"value":"16","measurand":"Current.Import","phase":"L2"},{"value":"16","measurand":"Current.Import","phase":"L3"}]}]
after 30s
expect point CP1/1 limit=0 confirmed=0 waits=1
expect event session.green
expect no event grid.excess
after 1h
expect point CP1/1 limit=0 waits=1
# the driver leaves earlier: what is left does not wait
need $tx depart=80m wh=12000
after 30s
expect point CP1/1 confirmed=16 waits=0
# what is told once more is heard, but a car is not turned off and on at will
need $tx depart=6h wh=8000
after 30s
expect point CP1/1 confirmed=16 waits=0
