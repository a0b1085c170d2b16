# A station that asks without end does not get certificates without end, nor alarms without end.
certs policy=auto
station CP1
CP1 boots
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
expect 0 certs of=CP1 state=pending
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
expect 1 certs of=CP1 state=pending
after 1h
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
expect 0 certs of=CP1 state=pending
