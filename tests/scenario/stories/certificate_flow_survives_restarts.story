# Pending, approved and signed requests go on where they were, and are delivered once.
certs ca=1
station CP1
station CP2
CP1 boots
CP2 boots
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
server restarts
expect 1 certs of=CP1 state=pending
operator approves CP1 1
server restarts
CP1 boots
after 11s
CP1 << CertificateSigned 'certificateChain=signed csr CP1'
expect 1 certs of=CP1 state=accepted
server restarts
CP1 boots
after 1m
CP1 << no CertificateSigned
