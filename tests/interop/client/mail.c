/* SPDX-License-Identifier: Apache-2.0
 * The operation that sends an e-mail. */
#include "core/gateway/mail/mail.h"

#include "core/base/codec.h"
#include "tests/interop/client/client.h"

static const struct ch_mail_file *files_of(struct ch_arena *a, const struct ch_json *list, size_t *n)
{
    *n = list != NULL ? list->count : 0;
    struct ch_mail_file *files = ch_alloc_array(a, *n + 1, sizeof *files), *f = files;

    for (const struct ch_json *one = list != NULL ? list->first : NULL; one != NULL; one = one->next, f++) {
        f->name = client_text(one, "name", "");
        f->type = client_text(one, "type", "application/octet-stream");
        if (!ch_unbase64(a, client_text(one, "base64", ""), &f->bytes))
            f->bytes = CH_LIT("not base64");
    }
    return files;
}

bool client_mail_send(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_mail mail = {
        .to = client_text(in, "to", "u@mail.example"),
        .to_name = ch_json_text(in, "to_name"),
        .subject = client_text(in, "subject", "主题"),
        .text = client_text(in, "text", "正文"),
        .html = ch_json_text(in, "html"),
        .message_id = client_text(in, "message_id", "1@hall.example"),
    };
    struct ch_answer answer;

    mail.files = files_of(a, ch_json_get(in, "files"), &mail.files_n);
    if (ch_mail_send(a, f, &mail, &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    return true;
}
