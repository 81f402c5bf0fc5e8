#!/bin/sh
# Makes the RSA keys of the tests, which ring does not generate. The files are committed: a fixed
# key is a fixed signature, so that a seed reproduces a whole handshake.
set -eu
cd "$(dirname "$0")"
for name in authority client gateway; do
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -outform DER |
		openssl pkcs8 -topk8 -nocrypt -inform DER -outform DER -out "rsa-2048-$name.pk8"
	chmod 644 "rsa-2048-$name.pk8"
done
