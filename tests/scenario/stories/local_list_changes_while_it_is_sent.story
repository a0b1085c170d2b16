tag A1
tag A2
station CP1 list=1
CP1 answers GetConfiguration with {"configurationKey":[{"key":"SendLocalListMaxLength","readonly":true,"value":"1"}]}
CP1 answers SendLocalList with nothing
CP1 boots
after 20s
CP1 << SendLocalList updateType=Full listVersion=2 localAuthorizationList.0.idTag=A1
# A1 is blocked and A2 deleted before the station answers
tag A1 status=Blocked
untag A2
CP1 answers SendLocalList with Accepted
CP1 answers GetLocalListVersion with {"listVersion":2}
after 3m
CP1 << SendLocalList updateType=Differential listVersion=4 localAuthorizationList.0.idTag=A1 localAuthorizationList.0.idTagInfo.status=Blocked
after 1s
expect list CP1 'state=in step' installed=5 entries=1
