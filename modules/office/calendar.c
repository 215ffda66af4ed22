/* SPDX-License-Identifier: Apache-2.0
 * The calendar of working days: auditors read it, an administrator enters a year. */
#include "modules/office/office.h"

enum ch_err office_calendar(struct ch_req *r)
{
    int64_t year = ch_query_int(r, "year", 0, 2020, 2100);
    const char *out;

    enum ch_err e = ch_run_text(r, CH_CALL(&office_calendar_year, year != 0 ? ch_p_int(r->a, year) : ch_p_null()), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

static const struct ch_field day_fields[] = {
    CH_IN_TEXT(struct office_day_in, day, CH_REQUIRED, 10, 10, NULL),
    CH_IN_BOOL(struct office_day_in, working, CH_REQUIRED),
    CH_IN_TEXT(struct office_day_in, name, CH_REQUIRED, 1, 40, NULL),
};
static const struct ch_input day = CH_INPUT(struct office_day_in, day_fields);
static const struct ch_field calendar_fields[] = {
    CH_IN_INT(struct office_calendar_in, year, CH_REQUIRED, 2020, 2100),
    CH_IN_LIST(struct office_calendar_in, days, CH_REQUIRED, 1, 120, &day),
};
const struct ch_input office_calendar_body = CH_INPUT(struct office_calendar_in, calendar_fields);

static const char *calendar_json(struct ch_req *r, const struct office_calendar_in *in)
{
    const struct office_day_in *days = in->days.items;
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_int(&w, "year", in->year);
    ch_jw_array(&w, "days");
    for (size_t i = 0; i < in->days.n; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "day", days[i].day);
        ch_jw_bool(&w, "working", days[i].working);
        ch_jw_text(&w, "name", days[i].name);
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

enum ch_err office_calendar_put(struct ch_req *r)
{
    const struct office_calendar_in *in = r->in;
    const struct ch_call calls[] = {
        CH_CALL(&office_calendar_import, ch_p_text(calendar_json(r, in))),
        CH_CALL(&office_calendar_year, ch_p_int(r->a, in->year)),
    };
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? ch_reply_out(r, 200, &rows[1]) : e;
}
