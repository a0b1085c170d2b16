# A request with a wrong signature, or with the name of another station, is answered Rejected.
certs policy=auto
station CP1
station CP2
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp chargePointSerialNumber=SN-1
CP1 < status=Accepted
CP2 connects
CP2 > BootNotification chargePointVendor=NOX chargePointModel=Lamp chargePointSerialNumber=SN-2
CP2 < status=Accepted
CP1 > SignCertificate csr=nonsense
CP1 < status=Rejected
expect event cert.unusable
CP1 > SignCertificate 'csr=csr CP2'
CP1 < status=Rejected
CP1 > SignCertificate 'csr=csr SN-2'
CP1 < status=Rejected
CP1 > SignCertificate 'csr=csr stranger'
CP1 < status=Rejected
expect 0 certs
CP1 > SignCertificate 'csr=csr SN-1'
CP1 < status=Accepted
expect 1 certs of=CP1
