# A model that breaks when it is asked something before its boot hears nothing until then.
station CP1
quirks [{"id":"shy","match":{"model":"Lamp"},"set":{"wait_for_boot_s":60,"heartbeat_s":30}}]
CP1 boots
CP1 drops
CP1 connects
CP1 > Heartbeat
CP1 < currentTime=present
operator calls CP1 Reset type=Soft
after 20s
CP1 << no Reset
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Accepted interval=30
CP1 << Reset

# ... but not for ever.
CP1 drops
CP1 connects
operator calls CP1 Reset type=Hard
after 59s
CP1 << no Reset
after 2s
CP1 << Reset type=Hard
