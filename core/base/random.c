/* SPDX-License-Identifier: Apache-2.0
 * Random bytes, UUIDs and texts. */
#include "core/base/random.h"

#include "core/base/clock.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

void ch_random(void *p, size_t n)
{
    if (n > INT32_MAX || RAND_priv_bytes(p, (int)n) != 1)
        abort();
}

char *ch_uuid7(struct ch_arena *a)
{
    unsigned char b[16];
    uint64_t ms = (uint64_t)ch_now_ms();

    ch_random(b, sizeof b);
    for (int i = 0; i < 6; i++)
        b[i] = (unsigned char)(ms >> (40 - 8 * i));
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x70);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    return ch_printf(a, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
                     b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

bool ch_is_uuid(const char *s)
{
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s[i] != '-' : s[i] == '\0' || strchr("0123456789abcdef", s[i]) == NULL)
            return false;
    }
    return s[36] == '\0';
}

char *ch_random_text(struct ch_arena *a, const char *alphabet, size_t n)
{
    size_t letters = strlen(alphabet);
    unsigned limit = (unsigned)(256 / letters * letters);
    char *s = ch_alloc_secret(a, n + 1);

    for (size_t i = 0; i < n;) {
        unsigned char byte;
        ch_random(&byte, 1);
        if (byte < limit) /* larger bytes are rejected, so that all characters are equally likely */
            s[i++] = alphabet[byte % letters];
    }
    return s;
}
