tag A1
tariff T price_e4=4900
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=5000 timestamp=@now
CP1 < transactionId=$tx
after 1h
CP1 > StopTransaction transactionId=$tx meterStop=4999 timestamp=@now
CP1 < {}
expect 1 sessions tx=$tx state=finished wh=0 flag=meter-backwards
expect 1 cdrs wh=0 cents=0
