/* SPDX-License-Identifier: Apache-2.0
 * Sample papers on request: drawn from the facts in the query, or made from a printed form in the body. */
#include "modules/sandbox/sandbox.h"

#include "modules/sandbox/papers/paper.h"
#include "modules/sandbox/papers/picture.h"

#include <pthread.h>
#include <string.h>

#define MAX_FACT 200 /* bytes */
#define BLUR 4       /* dots; enough to make a paper unreadable */

/* Only one paper is drawn at a time: drawing takes a tenth of a second of one core, and the cache of fonts is not shared. */
static pthread_mutex_t drawing = PTHREAD_MUTEX_INITIALIZER;

static const struct {
    const char *kind;
    paper_maker *make;
} kinds[] = {
    {"idcard-front", paper_card_front}, {"idcard-back", paper_card_back},
    {"licence", paper_licence},         {"form", paper_form},
    {"seal-form", paper_seal_form},
};

static const char *query_fact(struct ch_req *r, const char *name, const char *otherwise)
{
    const char *s = ch_query(r, name);

    if (s == NULL || *s == '\0')
        return otherwise;
    return strlen(s) <= MAX_FACT ? s : ch_strndup(r->a, s, strcspn(s, "\n") < 60 ? strcspn(s, "\n") : 60);
}

static struct paper_facts read_facts(struct ch_req *r)
{
    const char *name = query_fact(r, "name", "示范人"), *unit = query_fact(r, "unit_name", "示范科技有限公司");

    return (struct paper_facts){
        .name = name,
        .id_no = query_fact(r, "id_no", ""),
        .mobile = query_fact(r, "mobile", ""),
        .address = query_fact(r, "address", "示范省示范市示范区示范路 1 号"),
        .unit_name = unit,
        .unit_code = query_fact(r, "unit_code", ""),
        .unit_address = query_fact(r, "unit_address", "示范省示范市示范区示范路 100 号"),
        .legal_name = query_fact(r, "legal_name", name),
        .agent_name = query_fact(r, "agent_name", name),
        .number = query_fact(r, "number", ""),
        .account_name = query_fact(r, "account_name", ""),
        .account_no = query_fact(r, "account_no", ""),
        .account_branch_name = query_fact(r, "account_branch_name", ""),
        .expired = ch_query(r, "expired") != NULL,
        .plain = ch_query(r, "plain") != NULL,
        .framed = ch_query(r, "framed") != NULL,
        .blurred = ch_query(r, "blurred") != NULL,
    };
}

/* Sends a PNG, like a scanner's. For upload fields that accept only JPEG the browser would convert a PNG and lose the note;
 * those ask for format=jpeg. */
static enum ch_err reply_picture(struct ch_req *r, const struct paper_facts *f, const struct paper *p)
{
    const char *format = ch_query(r, "format");
    bool jpeg = format != NULL && strcmp(format, "jpeg") == 0;

    if (f->blurred)
        draw_blur(r->a, p->sheet, BLUR);
    struct ch_bytes picture = jpeg ? draw_jpeg(r->a, p->sheet) : draw_png(r->a, p->sheet);

    return ch_reply_file(r, jpeg ? "image/jpeg" : "image/png", NULL, picture_with_note(r->a, picture, p->note));
}

enum ch_err sandbox_paper(struct ch_req *r)
{
    struct paper_facts f = read_facts(r);

    for (size_t i = 0; i < CH_COUNT(kinds); i++) {
        if (strcmp(kinds[i].kind, ch_var(r, "kind")) != 0)
            continue;
        pthread_mutex_lock(&drawing);
        struct paper p = kinds[i].make(r->a, &f);
        enum ch_err e = reply_picture(r, &f, &p);
        pthread_mutex_unlock(&drawing);
        return e;
    }
    return ch_fail(r, CH_E_NOT_FOUND, "no such paper");
}

enum ch_err sandbox_paper_scan(struct ch_req *r)
{
    struct paper_facts f = read_facts(r);
    int sheet = (int)ch_query_int(r, "sheet", 1, 1, 99);
    struct paper p;
    enum ch_err e;

    if (strcmp(ch_var(r, "kind"), "form") != 0)
        return ch_fail(r, CH_E_NOT_FOUND, "only a form is scanned");
    if (r->raw.n < 5 || memcmp(r->raw.p, "%PDF-", 5) != 0)
        return ch_fail(r, CH_E_MEDIA_TYPE, "not a PDF");
    pthread_mutex_lock(&drawing);
    int n = paper_scan(r->a, r->raw, sheet, &f, &p);
    if (sheet <= n)
        e = reply_picture(r, &f, &p);
    else if (n > 0)
        e = ch_fail_say(r, CH_E_NOT_FOUND, "打印件没有这一页。");
    else
        e = ch_fail_say(r, CH_E_INVALID, "这个 PDF 无法转换为扫描件，请重新打印申请表后再试。");
    pthread_mutex_unlock(&drawing);
    return e;
}
