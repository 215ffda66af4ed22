/* SPDX-License-Identifier: Apache-2.0
 * Which addresses belong to the public Internet: for requests to hosts that a stranger has named. */
#ifndef CH_HTTP_ADDRESS_H
#define CH_HTTP_ADDRESS_H

#include "core/base/defs.h"

#include <sys/socket.h>

/* False for loopback, private, link-local, multicast and all other special-purpose addresses (RFC 6890 and the
 * registries that carry it on), for such an IPv4 address inside an IPv6 one, and for any other family. */
bool ch_address_public(const struct sockaddr *address) CH_MUST;

#endif
