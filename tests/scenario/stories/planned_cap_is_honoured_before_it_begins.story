# CP1 has 16 A. A cap of 10 A is planned in 30 minutes: whatever is lost on the way, nobody may draw more when it begins.
node N1 32
tag A1
station CP1 grid=N1 safe=6 rating=16
station CP2 grid=N1 safe=0 rating=16
CP1 boots
CP2 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
after 30s
expect point CP1/1 confirmed=16 reserve=16
cap N1 10 in=30m for=30m
expect event grid.cap
expect node N1 limit=32 cap=0
after 5m
# its limit is renewed as long as the lease ends in time
expect point CP1/1 reserve=16
after 20m
CP1 drops
# it has gone: its last lease was given with the cap in view
after 6m
expect event grid.cap-begins
expect node N1 limit=10 cap=1
expect point CP1/1 reserve=10 up=0
expect no event grid.excess
after 30m
expect event grid.cap-ends
expect node N1 limit=32 cap=0
