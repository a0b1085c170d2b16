# The story begins on a Monday at 16:13 local time; from 17:15 on there are 10 A.
node N1 32 'calendar=Mo-Su 17:15 18:15 limit 10'
tag A1
station CP1 grid=N1 safe=6 rating=16
CP1 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
after 30s
expect point CP1/1 confirmed=16
expect node N1 limit=32
after 62m
expect node N1 limit=10
expect point CP1/1 confirmed=10 reserve=10
after 62m
expect node N1 limit=32
expect point CP1/1 confirmed=16
expect no event grid.excess
