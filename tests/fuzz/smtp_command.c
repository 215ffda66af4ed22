/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: what a client says to the sandbox's mail server, and the message it leaves there.
 *
 * The first byte says how far the dialogue has come: 'P' plain, 'T' under TLS, 'L' logged in, 'D' in the data, 'M' a
 * message to be read. Nobody who has not logged in may leave a message. fuzzes: libsandbox.a */
#include "core/base/codec.h"
#include "modules/sandbox/mail/dialogue.h"
#include "modules/sandbox/mail/read.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool switched(void *ctx, const char *key)
{
    (void)ctx, (void)key;
    return false;
}

static bool keep(void *ctx, const struct mail_dialogue *d, struct ch_bytes raw)
{
    (void)ctx, (void)raw;
    if (!d->tls || !d->known || d->to_n == 0 || d->from == NULL)
        abort();
    return true;
}

static const struct mail_host host = {"hall", "secret", switched, keep, NULL};

static void feed(struct mail_dialogue *d, const char *lines)
{
    struct ch_buf out;

    ch_buf_init(&out, d->a);
    if (mail_dialogue_feed(d, CH_BYTES(lines, strlen(lines)), &out) != MAIL_GO_ON)
        abort();
}

static void talk(struct ch_arena *a, char stage, struct ch_bytes in)
{
    struct mail_dialogue *d = CH_NEW(a, struct mail_dialogue);
    struct ch_buf out;

    ch_buf_init(&out, a);
    mail_dialogue_begin(d, a, &host, &out);
    if (stage != 'P')
        mail_dialogue_secured(d);
    if (stage == 'L' || stage == 'D')
        feed(d, "EHLO x\r\nAUTH PLAIN AGhhbGwAc2VjcmV0\r\n");
    if (stage == 'D')
        feed(d, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
    enum mail_then then = mail_dialogue_feed(d, in, &out);
    if (out.n > 0 && memcmp(out.p + out.n - 2, "\r\n", 2) != 0)
        abort(); /* a reply without an end */
    if (stage == 'P' && then != MAIL_START_TLS && (d->known || d->from != NULL))
        abort();
}

static void read_message(struct ch_arena *a, struct ch_bytes raw)
{
    struct mail_view m = mail_read(a, raw);
    const char *const texts[] = {m.from, m.subject, m.message_id, m.text};
    size_t points;

    for (size_t i = 0; i < CH_COUNT(texts); i++)
        if (!ch_utf8(texts[i], strlen(texts[i]), &points))
            abort();
    const char *fault = mail_read_fault(a, raw);
    if (fault != NULL && *fault == '\0')
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();

    if (size > 0 && data[0] == 'M')
        read_message(a, CH_BYTES(data + 1, size - 1));
    else if (size > 0 && strchr("PTLD", data[0]) != NULL && data[0] != '\0')
        talk(a, (char)data[0], CH_BYTES(data + 1, size - 1));
    ch_arena_free(a);
    return 0;
}
