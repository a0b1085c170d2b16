# TC_043_3: Failed: tried again later, each time after a longer while
tag A1
station CP1 list=1
CP1 answers SendLocalList with Failed
CP1 boots
after 20s
CP1 << SendLocalList updateType=Full
after 1s
expect list CP1 state=failed failed=1
expect event local_list.failed
CP1 << no SendLocalList
after 70s
CP1 << SendLocalList updateType=Full
CP1 answers SendLocalList with Accepted
after 70s
CP1 << no SendLocalList
after 70s
CP1 << SendLocalList updateType=Full
after 1s
expect list CP1 'state=in step' failed=2
