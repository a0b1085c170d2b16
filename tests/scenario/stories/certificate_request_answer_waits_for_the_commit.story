certs policy=auto
station CP1
CP1 boots
storage stalls
CP1 > SignCertificate 'csr=csr CP1'
CP1 < nothing
storage works
CP1 < status=Accepted
