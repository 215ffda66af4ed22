/* SPDX-License-Identifier: Apache-2.0
 * The signer's request parser, fed in two pieces as a socket would. fuzzes: libsigner.a */
#include "programs/signer/protocol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A complete request is complete however it is cut, asks for no more bytes than it announces, and gets a well-formed answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request whole, part;
    unsigned char out[REPLY_MAX];
    unsigned char *copy = malloc(size > 0 ? size : 1); /* ends where the sanitizer sees it */

    if (copy == NULL)
        return 0;
    memcpy(copy, data, size);
    enum request_state state = request_parse(CH_BYTES(copy, size), &whole);
    if (state == REQUEST_READY) {
        if (size > REQUEST_MAX || request_parse(CH_BYTES(copy, size - 1), &part) != REQUEST_MORE)
            abort();
        size_t n = reply_write(out, CH_CA_DONE, whole.subject);
        if (n != CH_CA_HEAD + 1 + strlen(whole.subject))
            abort();
    } else if (state == REQUEST_MORE && size >= REQUEST_MAX) {
        abort(); /* a caller could fill the buffer and never be answered */
    }
    free(copy);
    return 0;
}
