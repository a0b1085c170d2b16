# A station that lost power reports the same start twice and must get the same transaction.
tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=100 timestamp=@now
CP1 < idTagInfo.status=Accepted transactionId=$tx
CP1 drops
after 90s
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=100 timestamp=@now-90s
CP1 < transactionId=$tx idTagInfo.status=Accepted
expect 1 sessions of=CP1
