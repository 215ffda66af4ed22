/* SPDX-License-Identifier: Apache-2.0
 * Tells public Internet addresses from others, for requests to hosts that an outsider has named. */
#ifndef CH_HTTP_ADDRESS_H
#define CH_HTTP_ADDRESS_H

#include "core/base/defs.h"

#include <sys/socket.h>

/* False for loopback, private, link-local, multicast and all other special-purpose addresses (RFC 6890 and the IANA
 * registries), for an IPv6 address that embeds such an IPv4 address, and for other address families. */
bool ch_address_public(const struct sockaddr *address) CH_MUST;

#endif
