# a version that we never sent: somebody else wrote the list
tag A1
station CP1 list=1
CP1 answers GetLocalListVersion with {"listVersion":77}
CP1 boots
after 20s
CP1 << SendLocalList updateType=Full listVersion=2
after 1s
expect list CP1 'state=in step' installed=2
