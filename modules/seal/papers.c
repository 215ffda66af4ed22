/* SPDX-License-Identifier: Apache-2.0
 * The paper of an application for seals that no other business has: the certificate annex (证书附页), which lists the seals. */
#include "modules/seal/seal.h"

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
