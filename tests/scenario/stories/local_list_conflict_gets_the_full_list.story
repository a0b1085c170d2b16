tag A1
station CP1 list=1
CP1 boots
after 20s
CP1 << SendLocalList updateType=Full
CP1 > StatusNotification connectorId=1 status=Available errorCode=LocalListConflict timestamp=@now
CP1 < {}
expect event local_list.conflict
after 10s
CP1 << SendLocalList updateType=Full
CP1 > StatusNotification connectorId=1 status=Available errorCode=LocalListConflict timestamp=@now
after 10s
CP1 << no SendLocalList
