# No answer, then a restart: it is sent again only to a station that shows nothing of it.
station CP1
CP1 boots
CP1 answers UpdateFirmware with nothing
operator transfers CP1 firmware
CP1 << UpdateFirmware
server restarts
CP1 connects
after 6s
after 20s
CP1 > FirmwareStatusNotification status=Downloading
CP1 < {}
after 120s
CP1 << no UpdateFirmware
expect 1 transfers state=running status=Downloading
# and one that does not
operator transfers CP1 firmware
CP1 << UpdateFirmware
server restarts
CP1 connects
CP1 answers UpdateFirmware with Accepted
after 6s
after 70s
CP1 << UpdateFirmware
expect 1 transfers state=running
expect 1 transfers state=replaced
