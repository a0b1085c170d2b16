tag A1
tag A2
station CP1 connectors=2
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=5 timestamp=@now
CP1 < transactionId=$one
CP1 > StartTransaction connectorId=2 idTag=A2 meterStart=5 timestamp=@now
CP1 < transactionId=$two
expect 1 sessions tx=$one tag=A1
expect 1 sessions tx=$two tag=A2
expect 2 sessions of=CP1 state=active
