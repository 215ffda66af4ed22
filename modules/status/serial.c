/* SPDX-License-Identifier: Apache-2.0
 * The state of a certificate by its serial number, for people, who type the number in whatever notation their program shows. */
#include "modules/status/status.h"

#include "core/base/config.h"
#include "core/form/rule.h"

#include <ctype.h>
#include <string.h>

#define DIGITS 16     /* hex digits of our serial numbers, with leading zeros */
#define DIGITS_MAX 40 /* 20 bytes, the most that RFC 5280 allows */

/* Converts a number such as "0x5a:3f 1b…" to the notation of the database: upper-case hex digits, an even number of them, at least
 * 16, without further leading zeros. NULL when it is not a serial number. */
static const char *normal_serial(struct ch_arena *a, const char *typed)
{
    char digits[DIGITS_MAX + 3]; /* some programs put a zero byte in front */
    size_t n = 0;

    typed = ch_serial_bare(a, typed);
    if (typed[0] == '0' && (typed[1] == 'x' || typed[1] == 'X'))
        typed += 2;
    for (; *typed != '\0'; typed++) {
        if (!isxdigit((unsigned char)*typed) || n == sizeof digits - 1)
            return NULL;
        digits[n++] = (char)toupper((unsigned char)*typed);
    }
    digits[n] = '\0';
    size_t zeros = strspn(digits, "0"), left = n - zeros;
    if (left == 0)
        return NULL;
    size_t width = left < DIGITS ? DIGITS : left + left % 2;
    return width > DIGITS_MAX ? NULL : ch_printf(a, "%.*s%s", (int)(width - left), "0000000000000000", digits + zeros);
}

enum ch_err status_serial(struct ch_req *r)
{
    const char *typed = ch_query(r, "serial"), *serial = typed != NULL ? normal_serial(r->a, typed) : NULL, *out;

    if (serial == NULL) {
        ch_wrong(r, "/serial", "rule", "请输入证书序列号：由数字和字母 A–F 组成，通常为 16 位，可在证书详细信息中查看。");
        return ch_fail(r, CH_E_INVALID, "no serial number");
    }
    enum ch_err e =
        ch_run_text(r, CH_CALL(&status_by_serial, ch_p_text(serial), ch_p_int(r->a, ch_conf_int(CONF_STATUS_LIMIT))), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
