/* SPDX-License-Identifier: Apache-2.0
 * The checks of couriers, of the mail server, of the store for papers, and of the time stamp authority. */
#include "programs/gateway/gateway.h"

#include "core/base/random.h"
#include "core/gateway/jd/jd.h"
#include "core/gateway/mail/mail.h"
#include "core/gateway/s3/s3.h"
#include "core/gateway/sf/sf.h"
#include "core/gateway/tsa/tsa.h"

#include <string.h>

enum ch_err check_sf(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    struct ch_waybill waybill;

    (void)argument;
    return ch_sf_search(a, f, "CHCHECK0000000000", answer, &waybill);
}

enum ch_err check_jd(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    struct ch_routes routes;

    (void)argument;
    return ch_jd_routes(a, f, "JDCHECK0000000000", answer, &routes);
}

enum ch_err check_mail(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    const char *from = ch_conf(CONF_MAIL_FROM), *at = strchr(from, '@');
    const struct ch_mail mail = {
        .to = argument,
        .subject = "网上营业厅邮件连接测试",
        .text = "这是一封测试邮件。收到它，说明网上营业厅的邮件设置正确。\n",
        .message_id = ch_printf(a, "%s@%s", ch_uuid7(a), at != NULL ? at + 1 : "localhost"),
    };

    if (argument == NULL)
        return ch_fault(f, CH_E_INTERNAL, "say to which address: certhall-gateway check mail you@example.com");
    return ch_mail_send(a, f, &mail, answer);
}

enum ch_err check_s3(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    const char *key = ch_printf(a, "certhall-check/%s", ch_uuid7(a));
    const struct ch_bytes object = CH_BYTES("certhall", 8);
    struct ch_bytes back = {NULL, 0};

    (void)argument;
    enum ch_err e = ch_s3_put(a, f, key, object, answer);
    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        e = ch_s3_get(a, f, key, &back, answer);
    if (e == CH_OK && answer->outcome == CH_ACCEPTED && (back.n != object.n || memcmp(back.p, object.p, back.n) != 0))
        *answer = CH_BAD_ANSWER("what was stored comes back as something else");
    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        e = ch_s3_delete(a, f, key, answer);
    return e;
}

enum ch_err check_tsa(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    struct ch_bytes response;

    (void)argument;
    return ch_tsa_stamp(a, f, CH_BYTES("certhall", 8), answer, &response);
}
