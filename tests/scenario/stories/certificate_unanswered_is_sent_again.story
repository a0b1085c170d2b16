# The connection broke before the answer: the same certificate again after the reconnect.
certs policy=auto
station CP1
CP1 boots
CP1 answers CertificateSigned with nothing
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
after 10s
CP1 << CertificateSigned 'certificateChain=signed csr CP1'
CP1 drops
expect 1 certs of=CP1 state=signed
CP1 answers CertificateSigned with Accepted
CP1 boots
after 11s
CP1 << CertificateSigned 'certificateChain=signed csr CP1'
expect 1 certs of=CP1 state=accepted
