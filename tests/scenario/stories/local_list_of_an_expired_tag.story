tag A1 expires=@now+1m
tag A2 expires=@now-1d
station CP1 list=1
CP1 boots
after 20s
CP1 << SendLocalList localAuthorizationList.0.idTagInfo.status=Accepted localAuthorizationList.0.idTagInfo.expiryDate=present localAuthorizationList.1.idTagInfo.status=Expired
