# SendLocalListMaxLength: first Full, then Differentials with rising versions
tag A1
tag A2
tag A3
tag A4
tag A5
station CP1 list=1
CP1 answers GetConfiguration with {"configurationKey":[{"key":"SendLocalListMaxLength","readonly":true,"value":"2"}]}
CP1 boots
after 20s
CP1 << SendLocalList updateType=Full listVersion=3 localAuthorizationList.1.idTag=A2 localAuthorizationList.2=absent
CP1 << SendLocalList updateType=Differential listVersion=5 localAuthorizationList.1.idTag=A4 localAuthorizationList.2=absent
CP1 << SendLocalList updateType=Differential listVersion=6 localAuthorizationList.0.idTag=A5 localAuthorizationList.1=absent
after 1s
expect list CP1 'state=in step' installed=6 entries=5 full=1 differential=2
