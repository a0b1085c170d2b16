# A station that claims the serial number of another one does not get a certificate in its name.
certs policy=auto
station CP1
station CP2
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp chargePointSerialNumber=CP2
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP2'
CP1 < status=Rejected

# Nor does it keep that one from its own.
CP2 connects
CP2 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP2 < status=Accepted
CP2 > SignCertificate 'csr=csr CP2'
CP2 < status=Accepted
expect 1 certs of=CP2
