# TC_077: no second attempt by itself, the operator is told; the security event is confirmed.
certs policy=auto
station CP1
CP1 boots
CP1 answers CertificateSigned with Rejected
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
after 10s
CP1 << CertificateSigned 'certificateChain=signed csr CP1'
CP1 > SecurityEventNotification type=InvalidChargePointCertificate timestamp=@now
CP1 < {}
expect event cert.rejected
expect 1 certs of=CP1 state=rejected
CP1 drops
CP1 boots
after 1h
CP1 << no CertificateSigned
# a CALLERROR counts as one
CP1 answers CertificateSigned with CALLERROR
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
after 10s
CP1 << CertificateSigned
expect 2 certs of=CP1 state=rejected
