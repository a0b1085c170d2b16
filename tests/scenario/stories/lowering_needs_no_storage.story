# Nothing can be written, and the grid has room for less: who has a lease is lowered at once.
node N1 30
tag A1
station CP1 grid=N1 safe=0 rating=16
station CP2 grid=N1 safe=0 rating=16
CP1 boots
CP2 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 2m
expect point CP1/1 confirmed=15
expect point CP2/1 confirmed=15
storage stalls
operator limits N1 20
after 5s
expect point CP1/1 confirmed=10
expect point CP2/1 confirmed=10
# again: what was not written is covered by what covered it
after 1m
operator limits N1 14
after 5s
expect point CP1/1 confirmed=7
# it ends in order, so all is written after all: what was replaced a minute ago does not count, what was
# replaced just now does
server restarts
expect point CP1/1 reserve=10
storage works
after 20m
expect point CP1/1 reserve=0
