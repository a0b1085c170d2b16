# TC_043_5: only the given token, with a higher version
tag A1
tag A2
station CP1 list=1
CP1 boots
after 20s
CP1 << SendLocalList updateType=Full listVersion=3
tag A9 parent=P
CP1 answers GetLocalListVersion with {"listVersion":3}
CP1 drops
CP1 boots
after 20s
CP1 << GetLocalListVersion
CP1 << SendLocalList updateType=Differential listVersion=4 localAuthorizationList.0.idTag=A9 localAuthorizationList.0.idTagInfo.status=Accepted localAuthorizationList.1=absent
after 1s
expect list CP1 'state=in step' installed=4 entries=3 full=1 differential=1
# a deletion is an entry without idTagInfo
untag A1
after 10s
CP1 << SendLocalList updateType=Differential listVersion=5 localAuthorizationList.0.idTag=A1 localAuthorizationList.0.idTagInfo=absent localAuthorizationList.1=absent
after 1s
expect list CP1 'state=in step' installed=5 entries=2
