# White paper L01.FR.20: a station of the secure mode; a newer one takes the place of an older one.
station CP1
CP1 boots
CP1 answers UpdateFirmware with CALLERROR
operator transfers CP1 firmware
expect 1 transfers state=failed
operator transfers CP1 signed-firmware
expect 1 transfers state=running
operator transfers CP1 signed-firmware
expect 1 transfers state=replaced
expect 1 transfers state=running
