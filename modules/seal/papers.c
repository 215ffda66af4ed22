/* SPDX-License-Identifier: Apache-2.0
 * The papers of an application for seals, besides its printed form: the certificate annex (证书附页), which lists the seals, and
 * the seal collection form (电子签章采集表), in whose frames the unit presses its stamps and persons write their names. */
#include "modules/seal/seal.h"

#include <string.h>

enum ch_err seal_annex(struct ch_req *r)
{
    struct ch_flow_source s;

    enum ch_err e = ch_flow_source(r, &seal_annex_printed, &s);
    if (e != CH_OK)
        return e;
    struct ch_pdf_paper p = ch_flow_paper(r, &s, "items/");
    p.title = "证书附页";
    ch_flow_code(r, &s, "print", "annex", &p);
    p.foot = "单位确认";
    p.declaration =
        "本附页是同一业务单号申请表的组成部分。本单位确认申请以上所列电子签章，各签章的名称、持有人和年限准确无误；"
        "个人章的持有人已同意使用其个人信息办理。";
    return ch_flow_draw(r, &p);
}

/* The caption of a seal's frame: a unit presses its stamp into the frame, a person signs in it. */
static const char *frame_caption(struct ch_req *r, const struct ch_flow_source *s, const struct ch_json *item)
{
    const struct ch_json *type = ch_form_item_type(&s->spec, item);
    bool holder = strcmp(ch_json_text(type, "person"), "holder") == 0;

    return ch_printf(r->a, "%s　%s\n%s", ch_json_text(type, "name"),
                     ch_json_text(item, holder ? "holder_name" : "seal_name"),
                     holder ? "请在框内手写签名" : "请在框内加盖公章印模，四周留白");
}

static const struct ch_pdf_frame *list_frames(struct ch_req *r, const struct ch_flow_source *s, size_t *n)
{
    const struct ch_json *items = ch_form_items(s->form);
    struct ch_pdf_frame *list = ch_alloc_array(r->a, items != NULL ? items->count : 1, sizeof *list);

    *n = 0;
    for (const struct ch_json *i = items != NULL ? items->first : NULL; i != NULL; i = i->next)
        list[(*n)++].caption = frame_caption(r, s, i);
    return list;
}

enum ch_err seal_collection(struct ch_req *r)
{
    struct ch_flow_source s;

    enum ch_err e = ch_flow_source(r, &seal_collection_ready, &s);
    if (e != CH_OK)
        return e;
    struct ch_pdf_paper p = ch_flow_paper(r, &s, "unit_name");
    p.title = "电子签章采集表";
    ch_flow_code(r, &s, "sealpicture", "collection", &p);
    p.frames = list_frames(r, &s, &p.frames_n);
    p.foot = "单位确认";
    p.declaration =
        "以上印模、签名由本单位及签章持有人提供，与备案印章及本人签名一致，用于制作电子签章。请用红色印油，扫描分辨率不低于 300 DPI。";
    return ch_flow_draw(r, &p);
}
