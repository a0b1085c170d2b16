station CP1
CP1 boots
CP1 > SecurityEventNotification type=TamperDetectionActivated timestamp=@now techInfo="door open"
CP1 < {}
expect event security.event
CP1 > FirmwareStatusNotification status=Idle
CP1 < {}
CP1 > DiagnosticsStatusNotification status=Idle
CP1 < {}
