# White paper A02: Accepted first, then the certificate; a first one needs an operator's word.
station CP1
CP1 boots
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
expect event cert.pending
after 1m
CP1 << no CertificateSigned
expect 1 certs of=CP1 state=pending
operator approves CP1 1
after 6s
CP1 << CertificateSigned 'certificateChain=signed csr CP1'
expect 1 certs of=CP1 state=accepted who=otto
expect event cert.delivered
# its word counts once
operator approves CP1 1
expect outcome 'the data violate a rule'
