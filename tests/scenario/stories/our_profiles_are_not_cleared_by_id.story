# Stations may look at the id first.
node N1 32
station CP1 grid=N1 safe=6 rating=16
CP1 boots
after 20s
operator calls CP1 ClearChargingProfile id=11 chargingProfilePurpose=ChargePointMaxProfile
expect outcome refused
