# Signed while the station is away: sent some seconds after it has come back.
station CP1
CP1 boots
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 drops
operator approves CP1 1
after 3h
expect 1 certs of=CP1 state=signed
CP1 boots
CP1 > Heartbeat
CP1 < currentTime=present
after 4s
CP1 << no CertificateSigned
after 2s
CP1 << CertificateSigned 'certificateChain=signed csr CP1'
expect 1 certs of=CP1 state=accepted
