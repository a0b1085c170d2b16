# TC_044_3_CSMS: it boots with what it had, then tells.
station CP1
CP1 boots
operator transfers CP1 firmware
CP1 > FirmwareStatusNotification status=Downloading
CP1 < {}
CP1 > FirmwareStatusNotification status=Downloaded
CP1 < {}
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Unavailable timestamp=@now
CP1 < {}
CP1 > FirmwareStatusNotification status=Installing
CP1 < {}
CP1 drops
CP1 connects
CP1 > BootNotification chargePointVendor=V chargePointModel=M firmwareVersion=v1.0
CP1 < status=Accepted
expect 1 transfers state=running
CP1 > FirmwareStatusNotification status=InstallationFailed
CP1 < {}
expect 1 transfers state=failed status=InstallationFailed
