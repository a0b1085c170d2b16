# TC_081_CSMS: a signature that is wrong on purpose.
station CP1
CP1 boots
operator transfers CP1 signed-firmware wrong=1
CP1 << SignedUpdateFirmware requestId=1 firmware.signature=AAAABBBBACCC
CP1 > SignedFirmwareStatusNotification requestId=1 status=Downloading
CP1 < {}
CP1 > SignedFirmwareStatusNotification requestId=1 status=Downloaded
CP1 < {}
CP1 > SignedFirmwareStatusNotification requestId=1 status=InvalidSignature
CP1 < {}
CP1 > SecurityEventNotification type=InvalidFirmwareSignature timestamp=@now
CP1 < {}
expect 1 transfers state=failed status=InvalidSignature
