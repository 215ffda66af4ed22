/* SPDX-License-Identifier: Apache-2.0
 * The query of a report, and its table. */
#include "core/order/report.h"

#include "core/base/clock.h"
#include "core/format/csv.h"

#include <string.h>

#define DAY_SECONDS 86400

/* The dimensions, with their members in the rows and the headings of these. */
static const struct {
    const char *word, *member, *heading, *second, *second_heading;
} dimensions[] = {
    {"month", "month", "月份", NULL, NULL},
    {"day", "day", "日期", NULL, NULL},
    {"project", "project", "项目标识", "project_name", "项目"},
    {"business", "business_name", "业务", NULL, NULL},
    {"cert_type", "cert_type_name", "证书类型", NULL, NULL},
    {"state", "state_label", "状态", NULL, NULL},
    {"channel", "channel_name", "支付渠道", NULL, NULL},
};

static void read_days(struct ch_req *r, struct ch_report *out)
{
    const char *from = ch_query(r, "from"), *to = ch_query(r, "to");

    out->to = to != NULL && *to != '\0' ? to : ch_beijing(r->a, ch_now_ms() / 1000, "%Y-%m-%d");
    int64_t last = ch_parse_day(out->to);
    out->from = from != NULL && *from != '\0' ? from : ch_beijing(r->a, last - 29 * DAY_SECONDS, "%Y-%m-%d");
    int64_t first = ch_parse_day(out->from);
    if (last < 0)
        ch_wrong(r, "/to", "shape", "日期应为 2026-01-31 的形式。");
    else if (first < 0)
        ch_wrong(r, "/from", "shape", "日期应为 2026-01-31 的形式。");
    else if (first > last || last - first >= (int64_t)CH_REPORT_DAYS * DAY_SECONDS)
        ch_wrong(r, "/from", "range", "起始日期应早于截止日期，一次最多 400 天。");
}

static bool is_dimension(const char *word, size_t n)
{
    for (size_t i = 0; i < CH_COUNT(dimensions); i++)
        if (strlen(dimensions[i].word) == n && strncmp(dimensions[i].word, word, n) == 0)
            return true;
    return false;
}

static void read_dimensions(struct ch_req *r, struct ch_report *out)
{
    const char *by = ch_query(r, "by");

    if (by == NULL || *by == '\0')
        by = "day,project";
    for (const char *s = by;; s++) {
        size_t n = strcspn(s, ",");
        if (!is_dimension(s, n)) {
            ch_wrong(r, "/by", "unknown", "可选的分组：month、day、project、business、cert_type、state、channel。");
            return;
        }
        s += n;
        if (*s == '\0')
            break;
    }
    out->by = ch_printf(r->a, "{%s}", by);
}

enum ch_err ch_report_asked(struct ch_req *r, struct ch_report *out)
{
    read_days(r, out);
    read_dimensions(r, out);
    return r->errors == NULL ? CH_OK : ch_fail(r, CH_E_INVALID, "report");
}

static bool has_dimension(const struct ch_json *report, const char *word)
{
    const struct ch_json *by = ch_json_get(report, "by");

    for (const struct ch_json *d = by != NULL ? by->first : NULL; d != NULL; d = d->next)
        if (strcmp(d->text, word) == 0)
            return true;
    return false;
}

static void put_headings(struct ch_csv *c, const struct ch_json *report)
{
    for (size_t i = 0; i < CH_COUNT(dimensions); i++) {
        if (!has_dimension(report, dimensions[i].word))
            continue;
        ch_csv_text(c, dimensions[i].heading);
        if (dimensions[i].second != NULL)
            ch_csv_text(c, dimensions[i].second_heading);
    }
    ch_csv_text(c, "业务单数");
    ch_csv_text(c, "收款（元）");
    ch_csv_text(c, "退款（元）");
    ch_csv_end_row(c);
}

static int64_t int_or_zero(const struct ch_json *row, const char *key)
{
    int64_t n;
    return ch_json_int(row, key, &n) ? n : 0;
}

static void put_table_row(struct ch_csv *c, const struct ch_json *report, const struct ch_json *row)
{
    for (size_t i = 0; i < CH_COUNT(dimensions); i++) {
        if (!has_dimension(report, dimensions[i].word))
            continue;
        ch_csv_text(c, ch_json_text(row, dimensions[i].member));
        if (dimensions[i].second != NULL)
            ch_csv_text(c, ch_json_text(row, dimensions[i].second));
    }
    ch_csv_int(c, int_or_zero(row, "orders"));
    ch_csv_fen(c, int_or_zero(row, "received"));
    ch_csv_fen(c, int_or_zero(row, "refunded"));
    ch_csv_end_row(c);
}

enum ch_err ch_report_csv(struct ch_req *r, const char *json)
{
    struct ch_json *report;
    struct ch_csv c;

    if (ch_json_parse(r->a, CH_BYTES(json, strlen(json)), &report, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "report unreadable");
    ch_csv_init(&c, r->a);
    put_headings(&c, report);
    for (const struct ch_json *row = ch_json_first(report, "rows"); row != NULL; row = row->next)
        put_table_row(&c, report, row);
    return ch_reply_file(r, "text/csv; charset=utf-8", "report.csv", ch_csv_done(&c));
}
