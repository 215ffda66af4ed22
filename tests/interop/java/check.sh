#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Verifies certificates (and a key file) with Debian's BouncyCastle: Verify.java says what.
#
#   [PIN=…] check.sh root.cer ca.cer leaf.cer [key.p12]
#
# Needs libbcprov-java, libbcpkix-java and a JDK; compiles into $TMPDIR, once for each version of Verify.java.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jars=/usr/share/java/bcprov.jar:/usr/share/java/bcpkix.jar:/usr/share/java/bcutil.jar
classes=${TMPDIR:-/tmp}/certhall-java-$(id -u)-$(sha256sum "$here/Verify.java" | cut -c 1-16)
if [ ! -O "$classes/Verify.class" ]; then # ours, nobody else's
    fresh=$(mktemp -d "$classes.XXXXXX")
    javac -encoding UTF-8 -cp "$jars" -d "$fresh" "$here/Verify.java"
    mv -T "$fresh" "$classes" 2>/dev/null || rm -rf "$fresh" # another run was first
fi
exec java -Dstdout.encoding=UTF-8 -cp "$jars:$classes" Verify "$@"
