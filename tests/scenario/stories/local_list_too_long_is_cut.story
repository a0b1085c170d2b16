# LocalAuthListMaxLength: tags of the station's groups first, then by idTag
tag C
tag B
tag Z groups=nord
tag A
station CP1 list=1 groups=nord
CP1 answers GetConfiguration with {"configurationKey":[{"key":"LocalAuthListMaxLength","readonly":true,"value":"2"}]}
CP1 boots
after 20s
CP1 << SendLocalList updateType=Full localAuthorizationList.0.idTag=Z localAuthorizationList.1.idTag=A localAuthorizationList.2=absent
after 1s
expect list CP1 'state=in step' entries=2 cut=1
untag B
untag C
after 10s
CP1 << SendLocalList updateType=Full localAuthorizationList.1.idTag=A localAuthorizationList.2=absent
after 1s
expect list CP1 'state=in step' entries=2 cut=0
