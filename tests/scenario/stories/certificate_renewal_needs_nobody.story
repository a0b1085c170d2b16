# A station that shows a valid certificate of ours gets the next one without an operator.
station CP1
station CP2
CP1 boots
CP1 shows f77
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
after 6s
CP1 << CertificateSigned 'certificateChain=signed csr CP1'
expect 1 certs of=CP1 state=accepted who=policy
expect no event cert.pending
CP2 boots
CP2 > SignCertificate 'csr=csr CP2'
CP2 < status=Accepted
after 10s
expect 1 certs of=CP2 state=pending
