# TC_080_CSMS: the last groups in an order of their own.
station CP1
CP1 boots
operator transfers CP1 signed-firmware
CP1 << SignedUpdateFirmware requestId=1 firmware.signature=AAAABBBBCCCC firmware.location=https://csms.example/files/T1/x
CP1 > SignedFirmwareStatusNotification requestId=1 status=Downloading
CP1 < {}
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Unavailable timestamp=@now
CP1 < {}
CP1 > SignedFirmwareStatusNotification requestId=1 status=Downloaded
CP1 < {}
CP1 > SignedFirmwareStatusNotification requestId=1 status=SignatureVerified
CP1 < {}
CP1 > SignedFirmwareStatusNotification requestId=1 status=Installing
CP1 < {}
CP1 > SignedFirmwareStatusNotification requestId=1 status=InstallRebooting
CP1 < {}
expect 1 transfers state=running status=InstallRebooting
CP1 > SignedFirmwareStatusNotification requestId=1 status=Installed
CP1 < {}
CP1 drops
CP1 connects
CP1 > BootNotification chargePointVendor=V chargePointModel=M firmwareVersion=v2
CP1 < status=Accepted
CP1 > SecurityEventNotification type=FirmwareUpdated timestamp=@now
CP1 < {}
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available timestamp=@now
CP1 < {}
expect 1 transfers kind=signed-firmware state=done status=Installed
expect no event firmware.version
