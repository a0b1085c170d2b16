# TC_042_1: version -1: remembered, not asked again before another firmware or an operator says so
tag A1
station CP1 list=1
CP1 answers GetLocalListVersion with {"listVersion":-1}
CP1 boots
after 20s
CP1 << GetLocalListVersion
CP1 << no SendLocalList
expect list CP1 state=unable
expect event local_list.unable
tag A2
after 1m
CP1 drops
CP1 boots
after 1m
CP1 << no GetLocalListVersion
server restarts
CP1 boots
after 1m
CP1 << no GetLocalListVersion
CP1 answers GetLocalListVersion with {"listVersion":0}
operator syncs CP1 part
after 1s
CP1 << SendLocalList updateType=Full
after 1s
expect list CP1 'state=in step' entries=2
