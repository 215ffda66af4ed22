/* SPDX-License-Identifier: Apache-2.0
 * The special-purpose address ranges. */
#include "core/http/address.h"

#include <netinet/in.h>
#include <string.h>

/* Prefixes of addresses that are not on the public Internet (RFC 6890 and the IANA registries). */
static const struct {
    uint32_t prefix;
    int bits;
} special4[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
    {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 3},
};

static bool is_public_ipv4(uint32_t address)
{
    for (size_t i = 0; i < CH_COUNT(special4); i++)
        if ((address ^ special4[i].prefix) >> (32 - special4[i].bits) == 0)
            return false;
    return true;
}

static uint32_t word_at(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Only 2000::/3 of IPv6 is public. Within it, 2002::/16 (6to4) embeds an IPv4 address, and 2001::/23 and 2001:db8::/32 are
 * special. 64:ff9b::/96 (NAT64) and ::ffff:0:0/96 (mapped) embed an IPv4 address as well. */
static bool is_public_ipv6(const unsigned char p[16])
{
    static const unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b}, mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (memcmp(p, nat64, sizeof nat64) == 0 || memcmp(p, mapped, sizeof mapped) == 0)
        return is_public_ipv4(word_at(p + 12));
    if (p[0] == 0x20 && p[1] == 0x02)
        return is_public_ipv4(word_at(p + 2));
    return p[0] >> 5 == 1 && !(word_at(p) >> 9 == 0x20010000 >> 9) && word_at(p) != 0x20010db8;
}

bool ch_address_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return is_public_ipv4(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    return address->sa_family == AF_INET6 &&
           is_public_ipv6(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
}
