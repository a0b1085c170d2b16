# TC_045_1_CSMS: the last word may overtake the file.
station CP1
CP1 boots
operator transfers CP1 diagnostics
CP1 << GetDiagnostics location=https://csms.example/files/T1/x
CP1 > DiagnosticsStatusNotification status=Uploading
CP1 < {}
CP1 > DiagnosticsStatusNotification status=Uploaded
CP1 < {}
expect 1 transfers state=running status=Uploaded
operator receives CP1 1
expect 1 transfers state=done file=upload
# the file first
operator transfers CP1 diagnostics
CP1 << GetDiagnostics location=https://csms.example/files/T2/x
CP1 > DiagnosticsStatusNotification status=Uploading
CP1 < {}
operator receives CP1 2
CP1 > DiagnosticsStatusNotification status=Uploaded
CP1 < {}
expect 2 transfers state=done file=upload
# to an address of somebody else
operator transfers CP1 diagnostics url=ftp://files.example/in
CP1 << GetDiagnostics location=ftp://files.example/in
CP1 > DiagnosticsStatusNotification status=Uploading
CP1 < {}
CP1 > DiagnosticsStatusNotification status=Uploaded
CP1 < {}
expect 3 transfers state=done
# says Idle when triggered: that ends nothing
operator transfers CP1 diagnostics
CP1 > DiagnosticsStatusNotification status=Uploading
CP1 < {}
CP1 > DiagnosticsStatusNotification status=Idle
CP1 < {}
expect 1 transfers state=running
# and one that never says more
after 2h
expect 1 transfers state=timed-out
