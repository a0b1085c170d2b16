# Nobody here can sign: the request waits for an operator, whatever the policy.
certs policy=auto ca=0
station CP1
CP1 boots
CP1 > SignCertificate 'csr=csr CP1'
CP1 < status=Accepted
expect 1 certs of=CP1 state=pending
