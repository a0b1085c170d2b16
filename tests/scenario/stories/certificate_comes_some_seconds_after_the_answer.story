# Stations are not ready for CertificateSigned right after SignCertificate.conf.
certs policy=auto
station CP1
CP1 boots
CP1 > Heartbeat
CP1 < currentTime=present
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
after 4s
CP1 << no CertificateSigned
after 2s
CP1 << CertificateSigned 'certificateChain=signed csr CP1'
expect 1 certs of=CP1 state=accepted who=policy
