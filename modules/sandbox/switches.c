/* SPDX-License-Identifier: Apache-2.0
 * The switches that make vendors misbehave: listing and setting them. */
#include "modules/sandbox/sandbox.h"

#include <string.h>

/* All switches of the vendors. */
static const struct {
    const char *key, *label;
} switches[] = {
#define SANDBOX_SWITCH(key, label) {key, label},
#include "modules/sandbox/vendor_all.tbl"
};

static const struct {
    const char *value, *label;
} choices[] = {{"off", "关闭"}, {"once", "仅下一次"}, {"always", "一直"}};

static const char *rule_key(const char *s)
{
    for (size_t i = 0; i < CH_COUNT(switches); i++)
        if (strcmp(switches[i].key, s) == 0)
            return NULL;
    return "没有这个开关。";
}

static const char *rule_value(const char *s)
{
    for (size_t i = 0; i < CH_COUNT(choices); i++)
        if (strcmp(choices[i].value, s) == 0)
            return NULL;
    return "只能是 off、once 或 always。";
}

struct switch_in {
    const char *key, *value;
};
static const struct ch_field switch_fields[] = {
    CH_IN_TEXT(struct switch_in, key, CH_REQUIRED, 1, 64, rule_key),
    CH_IN_TEXT(struct switch_in, value, CH_REQUIRED, 1, 16, rule_value),
};
static const struct ch_input switch_item = CH_INPUT(struct switch_in, switch_fields);
struct switches_in {
    struct ch_list switches;
};
static const struct ch_field switches_fields[] = {
    CH_IN_LIST(struct switches_in, switches, CH_REQUIRED, 0, 64, &switch_item),
};
const struct ch_input sandbox_switches_body = CH_INPUT(struct switches_in, switches_fields);

static const char *switch_value(const struct ch_rows *rows, const char *key)
{
    for (int i = 0; i < rows->n; i++)
        if (strcmp(ch_col(rows, i, "key"), key) == 0)
            return ch_col(rows, i, "value");
    return "off";
}

enum ch_err sandbox_switches(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run(r, CH_CALL0(&sandbox_switch_list), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "switches");
    for (size_t i = 0; i < CH_COUNT(switches); i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "key", switches[i].key);
        ch_jw_text(&w, "label", switches[i].label);
        ch_jw_text(&w, "value", switch_value(&rows, switches[i].key));
        ch_jw_array(&w, "choices");
        for (size_t k = 0; k < CH_COUNT(choices); k++) {
            ch_jw_object(&w, NULL);
            ch_jw_text(&w, "value", choices[k].value);
            ch_jw_text(&w, "label", choices[k].label);
            ch_jw_end_object(&w);
        }
        ch_jw_end_array(&w);
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err sandbox_switches_set(struct ch_req *r)
{
    const struct switches_in *in = r->in;
    const struct switch_in *items = in->switches.items;
    enum ch_err e = CH_OK;

    for (size_t i = 0; i < in->switches.n && e == CH_OK; i++)
        e = ch_run(r, CH_CALL(&sandbox_switch_set, ch_p_text(items[i].key), ch_p_text(items[i].value)), NULL);
    return e == CH_OK ? sandbox_switches(r) : e;
}
