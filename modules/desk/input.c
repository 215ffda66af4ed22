/* SPDX-License-Identifier: Apache-2.0 */
#include "modules/desk/desk.h"

#include "core/form/rule.h"
#include "core/pki/csr.h"

#include <string.h>

/* A reason is pinned to a field or a paper, or to the order as a whole ("/"). */
static const char *rule_pointer(const char *s)
{
    bool good = strcmp(s, "/") == 0 || strncmp(s, "/form/", 6) == 0 || strncmp(s, "/materials/", 11) == 0;
    return good && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-/")] == '\0' ? NULL : "请选择要更正的内容。";
}

static const struct ch_field login_fields[] = {
    CH_IN_TEXT(struct desk_login_in, name, CH_REQUIRED, 1, 32, NULL),
    CH_IN_TEXT(struct desk_login_in, password, CH_REQUIRED, 1, 72, NULL),
};
const struct ch_input desk_login_body = CH_INPUT(struct desk_login_in, login_fields);

static const struct ch_field approve_fields[] = {
    CH_IN_INT(struct desk_approve_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct desk_approve_in, note, CH_OPTIONAL, 0, 500, NULL),
};
const struct ch_input desk_approve_body = CH_INPUT(struct desk_approve_in, approve_fields);

static const struct ch_field reason_fields[] = {
    CH_IN_TEXT(struct desk_reason_in, pointer, CH_REQUIRED, 1, 64, rule_pointer),
    CH_IN_TEXT(struct desk_reason_in, text, CH_REQUIRED, 2, 200, ch_rule_name),
};
static const struct ch_input reason = CH_INPUT(struct desk_reason_in, reason_fields);

static const struct ch_field reject_fields[] = {
    CH_IN_INT(struct desk_reject_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_LIST(struct desk_reject_in, reasons, CH_REQUIRED, 1, 20, &reason),
};
const struct ch_input desk_reject_body = CH_INPUT(struct desk_reject_in, reject_fields);

static const struct ch_field produce_fields[] = {
    CH_IN_INT(struct desk_produce_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_INT(struct desk_produce_in, item, CH_OPTIONAL, 1, DESK_ITEMS_MAX),
    CH_IN_TEXT(struct desk_produce_in, csr, CH_OPTIONAL, 1, CH_CSR_MAX, NULL),
};
const struct ch_input desk_produce_body = CH_INPUT(struct desk_produce_in, produce_fields);

static const struct ch_field ship_fields[] = {
    CH_IN_INT(struct desk_ship_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct desk_ship_in, courier, CH_REQUIRED, 2, 8, NULL),
    CH_IN_TEXT(struct desk_ship_in, tracking_no, CH_REQUIRED, 8, 24, ch_rule_tracking),
};
const struct ch_input desk_ship_body = CH_INPUT(struct desk_ship_in, ship_fields);

static const struct ch_field bill_fields[] = {
    CH_IN_TEXT(struct desk_bill_in, channel, CH_REQUIRED, 1, 16, NULL),
    CH_IN_TEXT(struct desk_bill_in, day, CH_REQUIRED, 10, 10, ch_rule_date),
};
const struct ch_input desk_bill_body = CH_INPUT(struct desk_bill_in, bill_fields);

static const struct ch_field pin_box_fields[] = {
    CH_IN_TEXT(struct desk_pin_box_in, public_key, CH_REQUIRED, 87, 88, NULL),
};
const struct ch_input desk_pin_box_body = CH_INPUT(struct desk_pin_box_in, pin_box_fields);

static const struct ch_field parcel_fields[] = {
    CH_IN_INT(struct desk_parcel_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct desk_parcel_in, courier, CH_REQUIRED, 2, 8, NULL),
};
const struct ch_input desk_parcel_body = CH_INPUT(struct desk_parcel_in, parcel_fields);

static const char *rule_title_kind(const char *s)
{
    return strcmp(s, ch_form_option_label("invoice_kind", s)) != 0 ? NULL : "请选择企业单位、政府机关或个人。";
}

static const struct ch_field buyer_fields[] = {
    CH_IN_TEXT(struct desk_buyer_in, kind, CH_REQUIRED, 1, 16, rule_title_kind),
    CH_IN_TEXT(struct desk_buyer_in, title, CH_REQUIRED, 1, 100, ch_rule_name),
    CH_IN_TEXT(struct desk_buyer_in, tax_no, CH_OPTIONAL, 15, 20, ch_rule_tax_no),
};
const struct ch_input desk_buyer_body = CH_INPUT(struct desk_buyer_in, buyer_fields);

static const char *rule_invoice_number(const char *s)
{
    return strspn(s, "0123456789") == 20 && strlen(s) == 20 ? NULL : "发票号码为 20 位数字。";
}

static const struct ch_field red_fields[] = {
    CH_IN_TEXT(struct desk_red_in, number, CH_REQUIRED, 20, 20, rule_invoice_number),
};
const struct ch_input desk_red_body = CH_INPUT(struct desk_red_in, red_fields);
