tag 04a2:B3#9
tag LONGTAG12345678901234
station CP1
CP1 boots
CP1 > Authorize idTag=04A2:b3#9
CP1 < idTagInfo.status=Accepted
CP1 > Authorize idTag=longtag1234567890123
CP1 < idTagInfo.status=Accepted
CP1 > Authorize idTag=04A2
CP1 < idTagInfo.status=Invalid
