# TC_043_1: NotSupported to SendLocalList
tag A1
station CP1 list=1
CP1 answers SendLocalList with NotSupported
CP1 boots
after 20s
CP1 << SendLocalList updateType=Full
after 1s
expect list CP1 state=unable installed=0
after 1d
CP1 << no SendLocalList
