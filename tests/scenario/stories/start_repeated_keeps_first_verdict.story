# The tag is blocked between a start and its repetition: the answer must not change.
tag A1 expires=@now+30s
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < idTagInfo.status=Accepted transactionId=$tx
CP1 drops
after 60s
CP1 connects
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now-60s
CP1 < idTagInfo.status=Accepted transactionId=$tx
