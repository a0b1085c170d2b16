# the answer to a part is lost; the station has taken it, says its version, and the rest follows
tag A1
tag A2
tag A3
station CP1 list=1
CP1 answers GetConfiguration with {"configurationKey":[{"key":"SendLocalListMaxLength","readonly":true,"value":"1"}]}
CP1 answers SendLocalList with nothing
CP1 boots
after 20s
CP1 << SendLocalList updateType=Full listVersion=2
server restarts
CP1 answers GetLocalListVersion with {"listVersion":2}
CP1 answers SendLocalList with Accepted
CP1 boots
after 20s
CP1 << SendLocalList updateType=Differential listVersion=3
CP1 << SendLocalList updateType=Differential listVersion=4
after 1s
expect list CP1 'state=in step' installed=4 entries=3
