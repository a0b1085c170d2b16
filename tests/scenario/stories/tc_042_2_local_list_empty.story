# TC_042_2: version 0 is an empty list
tag A1
station CP1 list=1
CP1 answers GetLocalListVersion with {"listVersion":0}
CP1 boots
after 20s
CP1 << GetLocalListVersion
CP1 << SendLocalList updateType=Full listVersion=2
after 1s
expect list CP1 'state=in step' installed=2
