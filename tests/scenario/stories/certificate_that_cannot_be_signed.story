certs policy=auto fails=1
station CP1
CP1 boots
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
after 10s
CP1 << no CertificateSigned
expect event cert.failed
expect 1 certs of=CP1 state=failed
