/* SPDX-License-Identifier: Apache-2.0
 * The newcomer's phone: scanning a code, and paying at the cashier of the vendor that the code belongs to. */
#include "modules/sandbox/sandbox.h"

#include "core/base/config.h"

#include <string.h>

struct scan_in {
    const char *text;
};
static const struct ch_field scan_fields[] = {CH_IN_TEXT(struct scan_in, text, CH_REQUIRED, 1, 2000, NULL)};
const struct ch_input sandbox_scan_body = CH_INPUT(struct scan_in, scan_fields);

/* True for a page of the hall or of a vendor of the sandbox. */
static bool is_own_page(const char *text)
{
    const char *origin = ch_conf(CONF_ORIGIN);
    size_t n = strlen(origin);

    return (strncmp(text, origin, n) == 0 && text[n] == '/') || strncmp(text, "http://127.0.0.1", 16) == 0;
}

static const struct sandbox_app *const apps[] = {
#define SANDBOX_APP(app) &(app),
#include "modules/sandbox/vendor_all.tbl"
};

/* The code in the text of a QR code of the app, or NULL. */
static const char *code_in(const struct sandbox_app *app, const char *text)
{
    size_t n = strlen(app->prefix);
    return strncmp(text, app->prefix, n) == 0 && app->is_code(text + n) ? text + n : NULL;
}

enum ch_err sandbox_scan(struct ch_req *r)
{
    const struct scan_in *in = r->in;
    const char *kind = "unknown", *url = NULL, *code = NULL;
    struct ch_jw w;

    for (size_t i = 0; code == NULL && i < CH_COUNT(apps); i++)
        if ((code = code_in(apps[i], in->text)) != NULL) {
            kind = apps[i]->kind;
            url = ch_printf(r->a, "/sandbox/cashier/%s", code);
        }
    if (code == NULL && is_own_page(in->text)) {
        kind = "phone";
        url = in->text;
    }
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "kind", kind);
    ch_jw_text(&w, "url", url);
    if (code != NULL)
        ch_jw_text(&w, "pr", code);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

/* The app that the code belongs to, or NULL. */
static const struct sandbox_app *app_of(const char *code)
{
    for (size_t i = 0; i < CH_COUNT(apps); i++)
        if (apps[i]->is_code(code))
            return apps[i];
    return NULL;
}

enum ch_err sandbox_cashier(struct ch_req *r)
{
    const char *code = ch_var(r, "pr");
    const struct sandbox_app *app = app_of(code);

    return app != NULL ? app->show(r, code) : ch_fail(r, CH_E_NOT_FOUND, "no app has such a code");
}

enum ch_err sandbox_cashier_pay(struct ch_req *r)
{
    const char *code = ch_var(r, "pr");
    const struct sandbox_app *app = app_of(code);

    return app != NULL ? app->pay(r, code) : ch_fail(r, CH_E_NOT_FOUND, "no app has such a code");
}
