# TC_044_1_CSMS: the whole way; the boot with the wanted version may come before the last word.
station CP1
CP1 boots
operator transfers CP1 firmware
CP1 << UpdateFirmware location=https://csms.example/files/T1/x retrieveDate=present
expect 1 transfers of=CP1 kind=firmware state=running who=otto
CP1 > FirmwareStatusNotification status=Downloading
CP1 < {}
CP1 > FirmwareStatusNotification status=Downloaded
CP1 < {}
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Unavailable timestamp=@now
CP1 < {}
CP1 > FirmwareStatusNotification status=Installing
CP1 < {}
expect 1 transfers state=running status=Installing
CP1 drops
CP1 connects
CP1 > BootNotification chargePointVendor=V chargePointModel=M firmwareVersion=v2
CP1 < status=Accepted
expect 1 transfers state=done
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available timestamp=@now
CP1 < {}
CP1 > FirmwareStatusNotification status=Installed
CP1 < {}
expect 1 transfers state=done status=Installed
expect no event firmware.version
