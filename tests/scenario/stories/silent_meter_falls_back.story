# The neighbours are measured: what they leave may be drawn. Without news for 5 minutes the safe assumption counts.
node N1 32 meter=2/20/300
tag A1
station CP1 grid=N1 safe=6 rating=16
CP1 boots
after 20s
expect node N1 foreign=20 silent=1
meter N1 4
expect node N1 foreign=6 silent=0
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
after 30s
expect point CP1/1 confirmed=16
# a change of the configuration forgets no reading
node N1 30 meter=2/20/300
after 30s
expect node N1 foreign=6 limit=30 silent=0
after 5m
expect event grid.meter-silent
expect node N1 foreign=20 silent=1
after 30s
expect point CP1/1 confirmed=10
meter N1 4
after 3m
expect event grid.meter-returned
expect node N1 foreign=6 silent=0
expect point CP1/1 confirmed=16
