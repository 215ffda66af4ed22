/* SPDX-License-Identifier: Apache-2.0
 * Setting the texts that the SMS vendor has approved. */
#include "modules/sandbox/tencent/tencent.h"

#include "sandbox_tencent_sql.h"

struct template_in {
    const char *id, *text;
};
static const struct ch_field template_fields[] = {
    CH_IN_TEXT(struct template_in, id, CH_REQUIRED, 1, 32, NULL),
    CH_IN_TEXT(struct template_in, text, CH_REQUIRED, 1, 500, NULL),
};
static const struct ch_input template_item = CH_INPUT(struct template_in, template_fields);
struct templates_in {
    struct ch_list templates;
};
static const struct ch_field templates_fields[] = {
    CH_IN_LIST(struct templates_in, templates, CH_REQUIRED, 0, 200, &template_item),
};
const struct ch_input sandbox_templates_body = CH_INPUT(struct templates_in, templates_fields);

enum ch_err sandbox_templates_set(struct ch_req *r)
{
    const struct templates_in *in = r->in;
    const struct template_in *items = in->templates.items;
    enum ch_err e = CH_OK;

    for (size_t i = 0; i < in->templates.n && e == CH_OK; i++)
        e = ch_run(r, CH_CALL(&sandbox_tencent_template_set, ch_p_text(items[i].id), ch_p_text(items[i].text)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
