# TC_043_4: a full list, every entry with idTagInfo
tag A1
tag A2 status=Blocked parent=P
tag A3 groups=elsewhere
station CP1 list=1
CP1 boots
after 20s
CP1 << GetConfiguration
CP1 << GetConfiguration key.0=SupportedFeatureProfiles
CP1 << GetLocalListVersion
CP1 << SendLocalList updateType=Full listVersion=4 localAuthorizationList.0.idTag=A1 localAuthorizationList.0.idTagInfo.status=Accepted localAuthorizationList.1.idTagInfo.status=Blocked localAuthorizationList.1.idTagInfo.parentIdTag=P localAuthorizationList.2=absent
after 1s
expect list CP1 'state=in step' installed=4 entries=2 full=1
# it is asked only once
after 1h
CP1 << no SendLocalList
