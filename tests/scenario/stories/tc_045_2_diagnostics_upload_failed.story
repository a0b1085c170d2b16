# TC_045_2_CSMS
station CP1
CP1 boots
operator transfers CP1 diagnostics
CP1 > DiagnosticsStatusNotification status=Uploading
CP1 < {}
CP1 > DiagnosticsStatusNotification status=UploadFailed
CP1 < {}
expect 1 transfers state=failed status=UploadFailed
