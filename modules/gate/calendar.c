/* SPDX-License-Identifier: Apache-2.0
 * The dates of the account's certificates in a calendar: a secret address, which a calendar program reads without a log-in. */
#include "modules/gate/input.h"

#include "core/base/config.h"
#include "core/format/ical.h"

#include <string.h>

#define TAG_BYTES 16 /* of the digest, as hexadecimal digits */

enum ch_err gate_calendar_make(struct ch_req *r)
{
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_session_token(r, hash);
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run_row(r, CH_CALL(&gate_calendar_new, ch_p_bytes(CH_BYTES(hash, sizeof hash))), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    /* Behind the '?': so it is in no log. */
    ch_jw_text(&w, "address", ch_printf(r->a, "%s/hall/api/gate/calendar.ics?t=%s", ch_conf(CONF_ORIGIN), token));
    ch_jw_text(&w, "made_at", ch_col(&rows, 0, "made_at"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 201, ch_jw_done(&w));
}

static void put_alarm(struct ch_ical *c, const char *trigger, const char *text)
{
    ch_ical_line(c, "BEGIN", "VALARM");
    ch_ical_line(c, "ACTION", "DISPLAY");
    ch_ical_text(c, "DESCRIPTION", text);
    ch_ical_line(c, "TRIGGER", trigger);
    ch_ical_line(c, "END", "VALARM");
}

/* The host of the hall's address, which makes the events' ids unlike those of others. */
static const char *host(struct ch_req *r)
{
    const char *origin = ch_conf(CONF_ORIGIN), *colon = strstr(origin, "://");
    const char *begin = colon != NULL ? colon + 3 : origin;

    return ch_strndup(r->a, begin, strcspn(begin, ":/"));
}

/* A day; the caller goes on with its alarms and ends it. */
static void begin_day(struct ch_req *r, struct ch_ical *c, const struct ch_rows *rows, int i, const char *what,
                      const char *title)
{
    const char *name =
        ch_printf(r->a, "%s（%s，序列号尾号 %s）", title, ch_col_text(rows, i, "name"), ch_col_text(rows, i, "serial"));

    ch_ical_line(c, "BEGIN", "VEVENT");
    ch_ical_line(c, "UID", ch_printf(r->a, "%s-%s@%s", ch_col_text(rows, i, "id"), what, host(r)));
    ch_ical_line(c, "DTSTAMP", ch_col_text(rows, i, "stamp"));
    ch_ical_line(c, "DTSTART;VALUE=DATE", ch_col_text(rows, i, what));
    ch_ical_text(c, "SUMMARY", name);
    ch_ical_line(c, "TRANSP", "TRANSPARENT");
    ch_ical_line(c, "CLASS", "PRIVATE");
}

static void put_certificate(struct ch_req *r, struct ch_ical *c, const struct ch_rows *rows, int i)
{
    const char *type = ch_col_text(rows, i, "type");
    const char *title = ch_printf(r->a, "%s到期", type);

    begin_day(r, c, rows, i, "ends", title);
    ch_ical_text(c, "DESCRIPTION", ch_printf(r->a, "当天证书到期，此后不能再签名和登录。办理：%s", ch_conf(CONF_ORIGIN)));
    put_alarm(c, "-P30D", ch_printf(r->a, "%s还有 30 天到期", type));
    put_alarm(c, "-P7D", ch_printf(r->a, "%s还有 7 天到期", type));
    ch_ical_line(c, "END", "VEVENT");
    if (ch_col(rows, i, "opens") == NULL)
        return;
    title = ch_printf(r->a, "%s可以更新了", type);
    begin_day(r, c, rows, i, "opens", title);
    ch_ical_text(c, "DESCRIPTION", ch_printf(r->a, "从当天起可以在网上更新证书。办理：%s", ch_conf(CONF_ORIGIN)));
    put_alarm(c, "PT9H", title);
    ch_ical_line(c, "END", "VEVENT");
}

enum ch_err gate_calendar_read(struct ch_req *r)
{
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_query(r, "t");
    struct ch_rows rows;
    struct ch_ical c;

    token = token != NULL ? token : "";
    ch_sha256(CH_BYTES(token, strlen(token)), hash);
    enum ch_err e = ch_run(r, CH_CALL(&gate_calendar_dates, ch_p_bytes(CH_BYTES(hash, sizeof hash))), &rows);
    if (e != CH_OK)
        return e;
    ch_ical_init(&c, r->a);
    ch_ical_line(&c, "BEGIN", "VCALENDAR");
    ch_ical_line(&c, "VERSION", "2.0");
    ch_ical_line(&c, "PRODID", "-//certhall//certificates//ZH");
    ch_ical_text(&c, "X-WR-CALNAME", "数字证书到期日");
    for (int i = 0; i < rows.n; i++)
        put_certificate(r, &c, &rows, i);
    ch_ical_line(&c, "END", "VCALENDAR");
    struct ch_bytes calendar = ch_ical_done(&c);
    ch_cache(r, "private, no-cache");
    if (ch_tag_known(r, ch_strndup(r->a, ch_sha256_hex(r->a, calendar), (size_t)2 * TAG_BYTES)))
        return ch_reply_bytes(r, 304, NULL, CH_BYTES(NULL, 0));
    return ch_reply_bytes(r, 200, "text/calendar; charset=utf-8", calendar);
}
