tag A1
station CP1 list=1
CP1 boots
after 20s
CP1 << SendLocalList updateType=Full
tag A2
CP1 answers SendLocalList with VersionMismatch
after 10s
CP1 << SendLocalList updateType=Differential
CP1 answers SendLocalList with Accepted
after 2m
CP1 << SendLocalList updateType=Full listVersion=3 localAuthorizationList.1.idTag=A2
after 1s
expect list CP1 'state=in step' entries=2
