station CP1
CP1 boots
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
expect 1 certs of=CP1 state=replaced
expect 1 certs of=CP1 state=pending
operator approves CP1 1
expect outcome 'the data violate a rule'
operator refuses CP1 2
expect outcome done
expect 1 certs of=CP1 state=refused who=otto
after 1m
CP1 << no CertificateSigned
