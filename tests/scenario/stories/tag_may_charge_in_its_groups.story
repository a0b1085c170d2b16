tag ANY
tag NORTH groups=nord
tag BOTH groups=nord,sued
tag OLD status=Blocked expires=@now-1d groups=nord
tag LATE expires=@now-1d groups=nord
station CP1 groups=nord
station CP2 groups=sued
station CP3
station CP4 groups=sued,west only=1
CP1 boots
CP2 boots
CP3 boots
CP4 boots
CP1 > Authorize idTag=ANY
CP1 < idTagInfo.status=Accepted
CP1 > Authorize idTag=north
CP1 < idTagInfo.status=Accepted
CP2 > Authorize idTag=NORTH
CP2 < idTagInfo.status=Blocked
expect event tag.refused
CP2 > Authorize idTag=BOTH
CP2 < idTagInfo.status=Accepted
CP3 > Authorize idTag=NORTH
CP3 < idTagInfo.status=Blocked
CP3 > Authorize idTag=ANY
CP3 < idTagInfo.status=Accepted
# only tags of its groups
CP4 > Authorize idTag=ANY
CP4 < idTagInfo.status=Blocked
CP4 > Authorize idTag=BOTH
CP4 < idTagInfo.status=Accepted
# Blocked stands before Expired, Expired before the place
CP1 > Authorize idTag=OLD
CP1 < idTagInfo.status=Blocked
CP2 > Authorize idTag=LATE
CP2 < idTagInfo.status=Expired
# a start at the wrong place is kept, with its verdict
CP2 > StartTransaction connectorId=1 idTag=NORTH meterStart=0 timestamp=@now
CP2 < idTagInfo.status=Blocked transactionId=$tx
expect 1 sessions tx=$tx flag=tag-not-accepted
