/* SPDX-License-Identifier: Apache-2.0
 * What has come in on the authority's account (hall.bank_entry). */
#ifndef CH_ORDER_ENTRY_H
#define CH_ORDER_ENTRY_H

/* Place of ch_encrypt; the row is the entry: {"name","account","bank","remark"}. */
#define CH_ENTRY_PAYER "bank_entry.payer"

#endif
