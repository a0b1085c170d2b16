# A name that the door does not know yet is not signed without asking.
certs policy=auto
station CP1
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp chargePointSerialNumber=SN-1
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr SN-1'
CP1 < status=Accepted
expect 1 certs of=CP1 state=pending
