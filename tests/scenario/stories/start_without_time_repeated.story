# A start without a time stamp is known again by the rest of it.
tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=1000
CP1 < transactionId=$tx
after 30s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=1000
CP1 < transactionId=$tx2
expect 1 sessions of=CP1
