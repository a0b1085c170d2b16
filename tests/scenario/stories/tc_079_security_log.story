# TC_079_CSMS: tied by requestId.
station CP1
CP1 boots
operator transfers CP1 security-log
CP1 << GetLog requestId=1 logType=SecurityLog log.remoteLocation=https://csms.example/files/T1/x
CP1 > LogStatusNotification requestId=1 status=Uploading
CP1 < {}
CP1 > LogStatusNotification requestId=77 status=Uploaded
CP1 < {}
expect 1 transfers state=running status=Uploading
operator receives CP1 1
CP1 > LogStatusNotification requestId=1 status=Uploaded
CP1 < {}
expect 1 transfers kind=security-log state=done status=Uploaded
CP1 > LogStatusNotification status=Idle
CP1 < {}
expect 1 transfers state=done status=Uploaded
