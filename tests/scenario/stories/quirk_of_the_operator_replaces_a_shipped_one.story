# The shipped table knows models by name; an entry of the same id replaces it.
station CP1
CP1 connects
CP1 > BootNotification chargePointVendor=Wallbox chargePointModel=X
CP1 < status=Accepted
CP1 drops
CP1 connects
operator calls CP1 Reset type=Soft
after 30s
CP1 << no Reset
after 61s
CP1 << Reset
quirks [{"id":"wallbox","match":{},"set":{}}]
CP1 drops
CP1 connects
operator calls CP1 Reset type=Soft
after 6s
CP1 << Reset
