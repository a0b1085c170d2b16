# TC_064_CSMS: an unknown vendor, and a known one with a message that is not used here.
station CP1
CP1 boots
CP1 > DataTransfer vendorId=com.example messageId=hello data=world
CP1 < status=UnknownVendorId data=absent
expect event station.data
CP1 > DataTransfer vendorId=org.openchargealliance.costmsg messageId=RunningCost
CP1 < status=UnknownMessageId
CP1 > DataTransfer vendorId=com.example
CP1 < status=UnknownVendorId
