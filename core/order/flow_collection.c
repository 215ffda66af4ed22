/* SPDX-License-Identifier: Apache-2.0
 * The seal collection form (印模采集表): in its frames the unit presses its stamp and persons write their names, for the pictures of
 * their electronic seals. */
#include "core/order/flow_private.h"

#include <string.h>

/* The caption of a seal's frame: a unit presses its stamp into the frame, a person signs in it. */
static const char *frame_caption(struct ch_req *r, const struct ch_json *type, const char *name)
{
    bool unit = type == NULL || strcmp(ch_json_text(type, "person"), "institution") == 0;

    return ch_printf(r->a, "%s　%s\n%s", type != NULL ? ch_json_text(type, "name") : "", name != NULL ? name : "",
                     unit ? "请在框内加盖公章印模，四周留白" : "请在框内手写签名");
}

/* A frame for each seal: of the items, or of the only certificate. */
static const struct ch_pdf_frame *list_frames(struct ch_req *r, const struct ch_flow_source *s, bool person, size_t *n)
{
    const struct ch_json *items = ch_form_items(s->form);
    struct ch_pdf_frame *list = ch_alloc_array(r->a, items != NULL ? items->count : 1, sizeof *list);

    *n = 0;
    if (items == NULL)
        list[(*n)++].caption = frame_caption(r, ch_form_type(&s->spec, ch_json_text(s->form, "cert_type")),
                                             ch_json_text(s->form, person ? "holder_name" : "unit_name"));
    for (const struct ch_json *i = items != NULL ? items->first : NULL; i != NULL; i = i->next) {
        const struct ch_json *type = ch_form_item_type(&s->spec, i);
        bool holder = type != NULL && strcmp(ch_json_text(type, "person"), "holder") == 0;
        list[(*n)++].caption = frame_caption(r, type, ch_json_text(i, holder ? "holder_name" : "seal_name"));
    }
    return list;
}

enum ch_err ch_flow_collection(struct ch_req *r)
{
    struct ch_flow_source s;
    const char *name;

    enum ch_err e = ch_flow_source(r, &flow_collection_name, &s);
    if (e == CH_OK)
        e = ch_col_out(r, &s.printed, &name);
    if (e != CH_OK)
        return e;
    const char *whose = ch_form_person(&s.spec, s.form);
    bool natural = whose != NULL && strcmp(whose, "natural") == 0,
         unit = whose == NULL || strcmp(whose, "institution") == 0;
    struct ch_pdf_paper p = ch_flow_paper(r, &s, natural ? "holder_name" : "unit_name");
    p.title = name;
    ch_flow_code(r, &s, "sealpicture", "collection", &p);
    p.frames = list_frames(r, &s, !unit, &p.frames_n);
    p.foot = natural ? "申请人确认" : "单位确认";
    p.declaration =
        natural
            ? "以上签名由本人书写，用于制作电子签章。请用黑色签字笔，扫描分辨率不低于 300 DPI。"
            : "以上印模、签名由本单位及签章持有人提供，与备案印章及本人签名一致，用于制作电子签章。请用红色印油，扫描分辨率不低于 300 DPI。";
    if (natural) {
        p.signer = "申请人";
        p.unit = NULL;
    }
    return ch_flow_draw(r, &p);
}
