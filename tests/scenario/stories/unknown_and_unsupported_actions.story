station CP1
CP1 boots
CP1 > Bootnotification chargePointVendor=x
CP1 < CALLERROR NotImplemented
CP1 > MakeCoffee
CP1 < CALLERROR NotImplemented
CP1 > Reset type=Soft
CP1 < CALLERROR NotSupported
CP1 > DataTransfer vendorId=com.example messageId=Hello data=x
CP1 < status=UnknownVendorId data=absent
# the connection lives on
CP1 > Heartbeat
CP1 < currentTime=present
