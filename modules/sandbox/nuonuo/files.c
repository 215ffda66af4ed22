/* SPDX-License-Identifier: Apache-2.0
 * The three files of an invoice: PDF, OFD and XML. They are small, readable by any program for their format, and marked as
 * samples. */
#include "modules/sandbox/nuonuo/nuonuo.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/gateway/nuonuo/sign.h"
#include "modules/sandbox/html.h"
#include "modules/sandbox/papers/draw.h"
#include "modules/sandbox/register.h"
#include "modules/sandbox/zip.h"

#include <cairo-pdf.h>
#include <string.h>

#define WIDTH 595.0 /* points: as wide as A4 and about half as high, like the tax bureau's form */
#define HEIGHT 397.0
#define SAMPLE "样票：由沙箱生成，不具有任何效力"

/* The texts that are printed on an invoice. */
struct face {
    const char *title, *number, *day, *buyer, *tax_no, *seller, *seller_no, *goods, *net, *tax, *total, *red_of;
};

static struct face face_of(struct ch_arena *a, const struct ch_rows *row)
{
    const struct sandbox_register *reg = sandbox_register();
    int64_t total = ch_col_int(row, 0, "total"), tax = ch_col_int(row, 0, "tax");
    bool special = strcmp(ch_col(row, 0, "kind"), "bs") == 0;

    return (struct face){
        .title = special ? "电子发票（增值税专用发票）" : "电子发票（普通发票）",
        .number = ch_col(row, 0, "number"),
        .day = ch_beijing(a, ch_col_int(row, 0, "issued"), "%Y年%m月%d日"),
        .buyer = ch_col(row, 0, "buyer"),
        .tax_no = ch_col(row, 0, "tax_no"),
        .seller = reg->merchant_name,
        .seller_no = reg->nuonuo_tax_no,
        .goods = ch_col(row, 0, "goods"),
        .net = ch_nuonuo_yuan(a, total - tax),
        .tax = ch_nuonuo_yuan(a, tax),
        .total = ch_nuonuo_yuan(a, total),
        .red_of = ch_col(row, 0, "red_of"),
    };
}

static cairo_status_t append_bytes(void *buf, const unsigned char *p, unsigned n)
{
    ch_buf_add(buf, p, n);
    return CAIRO_STATUS_SUCCESS;
}

static void draw_face(cairo_t *c, struct ch_arena *a, const struct face *f)
{
    draw_title(c, 30, 30, WIDTH - 60, 20, INK_RED, f->title);
    draw_text(c, 380, 65, 0, 11, INK_BLACK, ch_printf(a, "发票号码：%s", f->number));
    draw_text(c, 380, 83, 0, 11, INK_BLACK, ch_printf(a, "开票日期：%s", f->day));
    draw_frame(c, 30, 110, WIDTH - 60, 70);
    draw_text(c, 40, 120, 250, 11, INK_BLACK, ch_printf(a, "购买方：%s\n统一社会信用代码：%s", f->buyer, f->tax_no));
    draw_text(c, 310, 120, 250, 11, INK_BLACK, ch_printf(a, "销售方：%s\n统一社会信用代码：%s", f->seller, f->seller_no));
    draw_frame(c, 30, 180, WIDTH - 60, 110);
    draw_text(c, 40, 190, 300, 11, INK_GREY, "项目名称");
    draw_text(c, 340, 190, 100, 11, INK_GREY, "金额");
    draw_text(c, 460, 190, 100, 11, INK_GREY, "税额");
    draw_text(c, 40, 212, 290, 11, INK_BLACK, f->goods);
    draw_text(c, 340, 212, 0, 11, INK_BLACK, f->net);
    draw_text(c, 460, 212, 0, 11, INK_BLACK, f->tax);
    draw_text(c, 40, 262, 0, 12, INK_BLACK, ch_printf(a, "价税合计（小写）：¥%s", f->total));
    if (f->red_of != NULL)
        draw_text(c, 40, 300, 0, 11, INK_RED, ch_printf(a, "被冲红蓝字数电发票号码：%s", f->red_of));
    draw_title(c, 30, 350, WIDTH - 60, 12, INK_GREY, SAMPLE);
}

struct ch_bytes nuonuo_pdf(struct ch_arena *a, const struct ch_rows *row)
{
    struct face f = face_of(a, row);
    struct ch_buf out;

    ch_buf_init(&out, a);
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(append_bytes, &out, WIDTH, HEIGHT);
    cairo_t *c = cairo_create(s);
    draw_face(c, a, &f);
    cairo_destroy(c);
    cairo_surface_finish(s);
    cairo_surface_destroy(s);
    return ch_buf_bytes(&out);
}

static void put_element(struct ch_buf *b, const char *tag, const char *value)
{
    ch_buf_printf(b, "  <%s>%s</%s>\n", tag, html_escape(b->a, value), tag);
}

struct ch_bytes nuonuo_xml(struct ch_arena *a, const struct ch_rows *row)
{
    struct face f = face_of(a, row);
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_puts(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- " SAMPLE " -->\n<EInvoice>\n");
    put_element(&b, "Title", f.title);
    put_element(&b, "EIid", f.number);
    put_element(&b, "IssueTime", f.day);
    put_element(&b, "SellerName", f.seller);
    put_element(&b, "SellerIdNum", f.seller_no);
    put_element(&b, "BuyerName", f.buyer);
    put_element(&b, "BuyerIdNum", f.tax_no);
    put_element(&b, "ItemName", f.goods);
    put_element(&b, "TotalAmWithoutTax", f.net);
    put_element(&b, "TotalTaxAm", f.tax);
    put_element(&b, "TotalTax-includedAmount", f.total);
    if (f.red_of != NULL)
        put_element(&b, "OriginalInvoiceNumber", f.red_of);
    ch_buf_puts(&b, "</EInvoice>\n");
    return ch_buf_bytes(&b);
}

/* OFD (GB/T 33190): lengths are in millimetres; one page with a line of text for each fact. */
#define OFD_NAMESPACE "xmlns:ofd=\"http://www.ofdspec.org/2016\""
#define OFD_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static struct ch_bytes ofd_page(struct ch_arena *a, const struct face *f)
{
    const char *lines[] = {
        f->title,
        ch_printf(a, "发票号码：%s　开票日期：%s", f->number, f->day),
        ch_printf(a, "购买方：%s　%s", f->buyer, f->tax_no),
        ch_printf(a, "销售方：%s　%s", f->seller, f->seller_no),
        ch_printf(a, "%s　金额 %s　税额 %s", f->goods, f->net, f->tax),
        ch_printf(a, "价税合计：%s", f->total),
        f->red_of != NULL ? ch_printf(a, "被冲红蓝字数电发票号码：%s", f->red_of) : "",
        SAMPLE,
    };
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_puts(&b, OFD_HEAD "<ofd:Page " OFD_NAMESPACE "><ofd:Content><ofd:Layer ID=\"4\">");
    for (int i = 0; i < (int)CH_COUNT(lines); i++)
        ch_buf_printf(&b,
                      "<ofd:TextObject ID=\"%d\" Boundary=\"12 %d 186 8\" Font=\"3\" Size=\"5\">"
                      "<ofd:TextCode X=\"0\" Y=\"5\">%s</ofd:TextCode></ofd:TextObject>",
                      10 + i, 12 + i * 10, html_escape(a, lines[i]));
    ch_buf_puts(&b, "</ofd:Layer></ofd:Content></ofd:Page>\n");
    return ch_buf_bytes(&b);
}

struct ch_bytes nuonuo_ofd(struct ch_arena *a, const struct ch_rows *row)
{
    struct face f = face_of(a, row);
    const char *root = ch_printf(a,
                                 OFD_HEAD "<ofd:OFD " OFD_NAMESPACE " Version=\"1.0\" DocType=\"OFD\"><ofd:DocBody>"
                                          "<ofd:DocInfo><ofd:DocID>%s</ofd:DocID><ofd:Title>%s</ofd:Title></ofd:DocInfo>"
                                          "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>\n",
                                 f.number, f.title);
    const struct zip_file files[] = {
        {"OFD.xml", CH_BYTES(root, strlen(root))},
        {"Doc_0/Document.xml",
         CH_LIT(OFD_HEAD "<ofd:Document " OFD_NAMESPACE "><ofd:CommonData><ofd:MaxUnitID>99</ofd:MaxUnitID><ofd:PageArea>"
                         "<ofd:PhysicalBox>0 0 210 140</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml"
                         "</ofd:PublicRes></ofd:CommonData><ofd:Pages><ofd:Page ID=\"1\" BaseLoc=\"Pages/Page_0/Content.xml\"/>"
                         "</ofd:Pages></ofd:Document>\n")},
        {"Doc_0/PublicRes.xml", CH_LIT(OFD_HEAD "<ofd:Res " OFD_NAMESPACE
                                                " BaseLoc=\".\"><ofd:Fonts><ofd:Font ID=\"3\" FontName=\"宋体\"/></ofd:Fonts>"
                                                "</ofd:Res>\n")},
        {"Doc_0/Pages/Page_0/Content.xml", ofd_page(a, &f)},
    };

    return zip_archive(a, files, CH_COUNT(files));
}
