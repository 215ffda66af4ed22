#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes configure and Makefile.in. Then, in a folder of your own: path/to/configure && make && make check
set -e
cd "$(dirname "$0")"
tools/sources > sources.mk.tmp
if cmp -s sources.mk.tmp sources.mk; then rm sources.mk.tmp; else mv sources.mk.tmp sources.mk; fi
mkdir -p build-aux
autoreconf -i "$@"
