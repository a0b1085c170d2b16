# Meanwhile it is found that the lamp keeps its limits: what it may have been given counts without end, after a restart too.
node N1 40
station CP1 grid=N1 safe=0 rating=16
CP1 boots
after 20s
server restarts older
expect point CP1/1 reserve=16
station CP1 grid=N1 safe=0 rating=16 class=1
after 5s
server restarts
after 60m
server restarts
expect point CP1/1 reserve=16
