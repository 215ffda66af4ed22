/* SPDX-License-Identifier: Apache-2.0
 * Module office of the back office: messages to applicants; auditors and administrators look at the trail, reports, outside
 * services, work that is stuck, and the calendar. This header declares the request bodies and handlers that its files share. */
#ifndef MODULE_OFFICE_H
#define MODULE_OFFICE_H

#include "core/desk/desk.h"
#include "office_sql.h"

struct office_day_in {
    const char *day; /* "2027-01-01" */
    bool working;
    const char *name;
};
struct office_calendar_in {
    int64_t year;
    struct ch_list days; /* of struct office_day_in: the days that are working days or not, contrary to their weekday */
};
extern const struct ch_input office_calendar_body;

ch_handler office_vendors;                        /* vendors.c */
ch_handler office_report_json, office_report_csv; /* reports.c */
ch_handler office_calendar, office_calendar_put;  /* calendar.c */
ch_handler office_audit, office_outbox;           /* oversight.c */

#endif
