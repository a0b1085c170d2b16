# TC_044_2_CSMS
station CP1
CP1 boots
operator transfers CP1 firmware
CP1 << UpdateFirmware
CP1 > FirmwareStatusNotification status=Downloading
CP1 < {}
CP1 > FirmwareStatusNotification status=DownloadFailed
CP1 < {}
expect 1 transfers state=failed status=DownloadFailed
