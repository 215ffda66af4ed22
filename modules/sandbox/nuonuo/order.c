/* SPDX-License-Identifier: Apache-2.0
 * Nuonuo's checks of a request for an invoice: required members, their formats, and the sums. */
#include "modules/sandbox/nuonuo/nuonuo.h"

#include "core/gateway/nuonuo/sign.h"
#include "modules/sandbox/register.h"

#include <stdlib.h>
#include <string.h>

#define TAX_TOLERANCE 6 /* fen: "误差不超过 0.06 元" */

static bool is_one_of(const char *s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(s, words[i]) == 0)
            return true;
    return false;
}

static bool date_fits(const char *s)
{
    static const char form[] = "0000-00-00 00:00:00";

    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
            return false;
    return s[sizeof form - 1] == '\0';
}

static bool push_fits(const struct ch_json *order)
{
    static const char *const modes[] = {"-1", "0", "1", "2"};
    const char *mode = sandbox_text(order, "pushMode");
    bool mail = strchr(sandbox_text(order, "email"), '@') != NULL, phone = strlen(sandbox_text(order, "buyerPhone")) == 11;

    if (*mode == '\0' || !is_one_of(mode, modes, CH_COUNT(modes)))
        return *mode == '\0';
    return mode[0] == '-' || ((mode[0] == '1' || mail) && (mode[0] == '0' || phone));
}

static const char *head_fault(const struct ch_json *order)
{
    static const char *const kinds[] = {"pc", "bs"};
    static const char *const needed[] = {"buyerName", "salerTel", "salerAddress", "clerk"};
    size_t number = strlen(sandbox_text(order, "orderNo"));

    if (number < 1 || number > 64)
        return "订单号不能为空且不超过64位";
    for (size_t i = 0; i < CH_COUNT(needed); i++)
        if (*sandbox_text(order, needed[i]) == '\0')
            return "购方名称、销方电话、销方地址、开票员不能为空";
    if (strcmp(sandbox_text(order, "salerTaxNum"), sandbox_register()->nuonuo_tax_no) != 0)
        return "销方税号与授权税号不一致";
    if (!date_fits(sandbox_text(order, "invoiceDate")))
        return "订单时间格式不正确";
    if (strcmp(sandbox_text(order, "invoiceType"), "1") != 0)
        return "开票类型不正确";
    if (!is_one_of(sandbox_text(order, "invoiceLine"), kinds, CH_COUNT(kinds)))
        return "发票种类不正确";
    if (strcmp(sandbox_text(order, "invoiceLine"), "bs") == 0 && *sandbox_text(order, "buyerTaxNum") == '\0')
        return "开具专票时购方税号不能为空";
    if (!push_fits(order))
        return "推送方式与手机号、邮箱不一致";
    /* The sandbox calls https anywhere, and http only on loopback. */
    const char *url = sandbox_text(order, "callBackUrl");
    bool good = *url == '\0' || strncmp(url, "https://", 8) == 0 || strncmp(url, "http://127.", 11) == 0;
    return good ? NULL : "回调地址不正确";
}

static const char *line_fault(const struct ch_json *line, int64_t *total, int64_t *tax)
{
    const char *code = sandbox_text(line, "goodsCode");
    int64_t with, without, said, rate;

    if (*sandbox_text(line, "goodsName") == '\0')
        return "商品名称不能为空";
    if (strlen(code) != 19 || strspn(code, "0123456789") != 19)
        return "商品编码应为19位数字";
    if (!ch_nuonuo_tax_rate(sandbox_text(line, "taxRate"), &rate))
        return "税率不正确";
    if (strcmp(sandbox_text(line, "withTaxFlag"), "0") != 0 && strcmp(sandbox_text(line, "withTaxFlag"), "1") != 0)
        return "含税标志不正确";
    if (!ch_nuonuo_read_yuan(sandbox_text(line, "taxIncludedAmount"), &with) ||
        !ch_nuonuo_read_yuan(sandbox_text(line, "taxExcludedAmount"), &without) ||
        !ch_nuonuo_read_yuan(sandbox_text(line, "tax"), &said) || with < 1)
        return "含税金额、不含税金额、税额应为数字";
    if (without + said != with)
        return "含税金额不等于不含税金额与税额之和";
    if (llabs(ch_nuonuo_tax_within(with, rate) - said) > TAX_TOLERANCE)
        return "税额误差超过0.06元";
    *total += with;
    *tax += said;
    return NULL;
}

const char *nuonuo_order_fault(struct ch_arena *a, const struct ch_json *order, int64_t *total, int64_t *tax)
{
    const struct ch_json *lines = ch_json_get(order, "invoiceDetail");
    const char *fault = order != NULL && order->kind == CH_JSON_OBJECT ? head_fault(order) : "order 不能为空";
    int64_t n = 0;

    *total = *tax = 0;
    if (fault != NULL)
        return fault;
    if (lines == NULL || lines->kind != CH_JSON_ARRAY || lines->count < 1 || lines->count > 2000)
        return "发票明细不能为空且不超过2000行";
    for (const struct ch_json *l = lines->first; l != NULL; l = l->next) {
        n++;
        fault = line_fault(l, total, tax);
        if (fault != NULL)
            return ch_printf(a, "第%lld行：%s", (long long)n, fault);
    }
    return NULL;
}
