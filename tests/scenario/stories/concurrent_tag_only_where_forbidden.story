tag FREE
tag ONE single=1
station CP1
station CP2
CP1 boots
CP2 boots
CP1 > StartTransaction connectorId=1 idTag=ONE meterStart=0 timestamp=@now
CP1 < idTagInfo.status=Accepted
CP2 > StartTransaction connectorId=1 idTag=one meterStart=0 timestamp=@now
CP2 < idTagInfo.status=ConcurrentTx transactionId=$second
# Authorize is also used to stop, so it never says ConcurrentTx
CP2 > Authorize idTag=ONE
CP2 < idTagInfo.status=Accepted
expect 1 sessions tx=$second flag=tag-not-accepted
