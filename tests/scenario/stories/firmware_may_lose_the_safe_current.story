# Another firmware may have lost what was installed: until the safe current is there again the station counts at
# its rating, also after a restart.
node N1 40
tag A1
station CP1 grid=N1 safe=6 rating=16 class=4
CP1 boots
after 20s
expect point CP1/1 reserve=6
CP1 answers SetChargingProfile with nothing
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp firmwareVersion=8
after 2s
expect point CP1/1 reserve=16
server restarts
expect point CP1/1 reserve=16
CP1 answers SetChargingProfile with Accepted
CP1 connects
after 20s
expect point CP1/1 reserve=6
