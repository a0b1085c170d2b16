# A backup is put back: nobody knows what the lamps were given since.  All count at their rating until the longest
# lease has passed, over a second restart as well; a limit that is accepted says what counts at that lamp.
node N1 20
tag A1
station CP1 grid=N1 safe=0 rating=16
station CP2 grid=N1 safe=0 rating=16
CP1 boots
CP2 boots
after 20s
server restarts older
expect point CP1/1 reserve=16
expect point CP2/1 reserve=16
CP2 connects
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 2m
expect point CP1/1 reserve=16
expect point CP2/1 reserve=0
server restarts
expect point CP1/1 reserve=16
CP2 connects
after 2m
expect point CP1/1 reserve=16
expect point CP2/1 reserve=0
after 20m
expect point CP1/1 reserve=0
expect point CP2/1 confirmed=16
