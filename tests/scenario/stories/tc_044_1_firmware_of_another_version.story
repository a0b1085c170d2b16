# Installed, says the station, and boots with what it had.
station CP1
CP1 boots
operator transfers CP1 firmware
CP1 > FirmwareStatusNotification status=Downloading
CP1 < {}
CP1 > FirmwareStatusNotification status=Downloaded
CP1 < {}
CP1 > FirmwareStatusNotification status=Installing
CP1 < {}
CP1 > FirmwareStatusNotification status=Installed
CP1 < {}
expect 1 transfers state=done
CP1 drops
CP1 connects
CP1 > BootNotification chargePointVendor=V chargePointModel=M firmwareVersion=v1.9
CP1 < status=Accepted
expect event firmware.version
