# A new meter begins at 0: the session after the exchange has its own energy, the gap between the two is flagged.
tag A1
tariff T price_e4=4900
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=500000 timestamp=@now
CP1 < transactionId=$old
after 1h
CP1 > StopTransaction transactionId=$old meterStop=507000 timestamp=@now
CP1 < {}
after 2d
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=12 timestamp=@now
CP1 < transactionId=$new
after 1h
CP1 > StopTransaction transactionId=$new meterStop=4012 timestamp=@now
CP1 < {}
expect 1 sessions tx=$old wh=7000
expect 1 sessions tx=$new state=finished wh=4000 flag=meter-gap
