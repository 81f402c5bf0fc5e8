#!/bin/sh
# Makes the RSA certificates of the tests: keys and signatures that rcgen cannot, or will not, make.
# The files are committed, so that nobody needs openssl to run the tests. Valid for 100 years.
set -eu
cd "$(dirname "$0")"
days=36500
root() { # file, bits, name
	openssl req -x509 -newkey "rsa:$2" -nodes -keyout "$1.key" -out "$1.pem" -days $days -sha256 \
		-subj "/CN=$3" -addext keyUsage=critical,keyCertSign,cRLSign
}
leaf() { # file, bits, root, subject, digest options, extensions
	openssl req -new -newkey "rsa:$2" -nodes -keyout "$1.key" -out "$1.csr" -subj "$4"
	printf '%s\n' "$6" | openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -out "$1.pem" \
		-days $days $5 -set_serial 7 -extfile /dev/stdin
}
der() { openssl x509 -in "$1.pem" -outform DER -out "$1.der"; }
gateway='subjectAltName=DNS:gw.vpn.azure.com
keyUsage=digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth'
client='subjectAltName=DNS:client
keyUsage=digitalSignature
extendedKeyUsage=clientAuth'

root root-rsa-2048 2048 'Test RSA root'
root root-rsa-1024 1024 'Test weak root'
leaf gateway-sha1 2048 root-rsa-2048 '/CN=gw.vpn.azure.com' -sha1 "$gateway"
leaf gateway-rsa-1024 1024 root-rsa-2048 '/CN=gw.vpn.azure.com' -sha256 "$gateway"
leaf gateway-weak-root 2048 root-rsa-1024 '/CN=gw.vpn.azure.com' -sha256 "$gateway"
leaf gateway-rsa 2048 root-rsa-2048 '/CN=gw.vpn.azure.com' -sha256 "$gateway"
leaf client-rsa 2048 root-rsa-2048 '/CN=client' -sha256 "$client"
for name in root-rsa-2048 root-rsa-1024 gateway-sha1 gateway-rsa-1024 gateway-weak-root gateway-rsa client-rsa; do
	der $name
done
openssl pkcs8 -topk8 -nocrypt -in client-rsa.key -outform DER -out client-rsa.pk8
openssl pkcs8 -topk8 -nocrypt -in gateway-rsa.key -outform DER -out gateway-rsa.pk8
rm -f ./*.key ./*.csr ./*.pem
